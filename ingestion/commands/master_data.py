"""What the current published generation knows of the things that commands name."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from ingestion.contracts.commands import (
    EVERYTHING,
    AssignException,
    Payload,
    RecordAdjustment,
    ResolveException,
    SetAllocationRule,
    SetChannelBuffer,
    SetMetricTarget,
    SetSafetyStock,
    SnoozeException,
)
from ingestion.generations import NoGenerationError, open_current
from ingestion.settings import Settings

SHOWN_LOTS = 5


@dataclass(frozen=True)
class Known:
    """What master data says to a command.

    `unit_cost` is the cost of one each of its SKU, None where nobody has said it; `unknown` tells
    what it names that nobody knows and what to do about it, empty when everything is known;
    `amiss` the fields that cannot be meant, given what is known, with why; `at_risk_amount` is the
    money at risk of the exception it names; `balance_after` is what an adjustment that takes units
    would leave of them, below zero where the books hold fewer.
    """

    unit_cost: Decimal | None = None
    unknown: str = ""
    amiss: tuple[tuple[str, str], ...] = ()
    at_risk_amount: Decimal | None = None
    balance_after: int | None = None


@dataclass(frozen=True)
class _Named:
    noun: str
    relation: str
    code: str
    codes: tuple[str, ...]
    remedy: str


class PublishedMasterData:
    """Master data of the generation that is current at the moment of asking."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, payload: Payload) -> Known:
        """Return what is known of everything that `payload` names; without a generation nothing."""
        named = _named(payload)
        if not named:
            return Known()
        try:
            _, connection = open_current(self._settings)
        except NoGenerationError as error:
            return Known(unknown=f"It names things that nobody knows yet. {error} Submit it again.")
        with connection:
            return Known(
                _unit_cost(connection, payload),
                " ".join(_unknown_codes(connection, named)),
                (
                    *_misplaced_warning(connection, payload),
                    *_too_early(connection, payload),
                    *_no_lot(connection, payload),
                ),
                _at_risk(connection, payload),
                _balance_after(connection, payload),
            )


def _named(payload: Payload) -> list[_Named]:
    match payload:
        case RecordAdjustment():
            named = [_products(payload.sku), _locations(payload.location_id)]
        case SetAllocationRule():
            named = [
                _products(*_one(payload.sku)),
                _channels(*_one(payload.channel_id)),
                _locations(*payload.location_order),
            ]
        case SetSafetyStock():
            named = [_products(payload.sku), _locations(*_one(payload.location_id))]
        case SetChannelBuffer():
            named = [_products(*_one(payload.sku)), _channels(payload.channel_id)]
        case SetMetricTarget():
            named = [_metrics(f"{payload.metric}.{payload.variant}")]
        case AssignException() | SnoozeException() | ResolveException():
            named = [_exceptions(payload.exception_id)]
        case _:
            named = []
    return named


def _one(code: str) -> tuple[str, ...]:
    return () if code == EVERYTHING else (code,)


def _products(*skus: str) -> _Named:
    return _master("product", "sku", skus)


def _locations(*location_ids: str) -> _Named:
    return _master("location", "location_id", location_ids)


def _channels(*channel_ids: str) -> _Named:
    return _master("channel", "channel_id", channel_ids)


def _master(noun: str, code: str, codes: tuple[str, ...]) -> _Named:
    remedy = f"add it to the {noun}s feed and run `truestock run`; then submit again."
    return _Named(noun, f"dim_{noun}s", code, codes, remedy)


def _metrics(*names: str) -> _Named:
    remedy = "choose one that kpi_definitions lists as metric and variant."
    return _Named("metric", "kpi_definitions", "metric || '.' || variant", names, remedy)


def _exceptions(exception_id: str) -> _Named:
    remedy = "reload the inbox and choose one that it shows; then submit again."
    return _Named("exception", "fct_exceptions", "exception_id", (exception_id,), remedy)


def _unknown_codes(connection: duckdb.DuckDBPyConnection, named: list[_Named]) -> Iterator[str]:
    for each in named:
        rows = connection.execute(
            "select code from (select unnest($1::varchar[]) as code) "
            f"where code not in (select {each.code} from {each.relation})",
            [list(each.codes)],
        ).fetchall()
        for (code,) in rows:
            yield (
                f"The current generation knows no {each.noun} {code}. Correct it, or {each.remedy}"
            )


def _no_lot(connection: duckdb.DuckDBPyConnection, payload: Payload) -> tuple[tuple[str, str], ...]:
    """Say when the SKU has no such lot."""
    if not isinstance(payload, RecordAdjustment) or payload.lot_id is None:
        return ()
    rows = connection.execute(
        "select distinct lot_id from fct_stock_balances where sku = $1 and lot_id is not null "
        "order by lot_id",
        [payload.sku],
    ).fetchall()
    lots = [lot_id for (lot_id,) in rows]
    if payload.lot_id in lots:
        return ()
    if not lots:
        told = f"the books hold no lot of {payload.sku}, so none can be {payload.lot_id}"
        return (("lot_id", f"{told}: leave it out, or land the receipt that brings it"),)
    known = ", ".join(lots[:SHOWN_LOTS]) + " …" * (len(lots) > SHOWN_LOTS)
    told = f"the books hold no lot {payload.lot_id} of {payload.sku}, only {known}"
    return (("lot_id", f"{told}: choose one, or land the receipt that brings it"),)


def _too_early(
    connection: duckdb.DuckDBPyConnection, payload: Payload
) -> tuple[tuple[str, str], ...]:
    """Say when an adjustment would have happened before anything else in the books."""
    if not isinstance(payload, RecordAdjustment):
        return ()
    found = connection.execute("select min(occurred_at) from fct_stock_movements").fetchone()
    first_at = None if found is None else found[0]
    if first_at is None or payload.occurred_at >= first_at:
        return ()
    told = f"it lies before the books begin, at {first_at:%Y-%m-%d %H:%M} UTC"
    return (("occurred_at", f"{told}, when there was nothing to adjust"),)


def _balance_after(connection: duckdb.DuckDBPyConnection, payload: Payload) -> int | None:
    if not isinstance(payload, RecordAdjustment) or payload.taken_quantity <= 0:
        return None
    found = connection.execute(
        "select coalesce(sum(quantity), 0)::bigint from fct_stock_balances where sku = $1 "
        "and location_id = $2 and state = $3 and ($4::varchar is null or lot_id = $4)",
        [payload.sku, payload.location_id, payload.taken_from, payload.lot_id],
    ).fetchone()
    return None if found is None else found[0] - payload.taken_quantity


def _misplaced_warning(
    connection: duckdb.DuckDBPyConnection, payload: Payload
) -> tuple[tuple[str, str], ...]:
    """Say when a target's warning level is better than the target: it would never be met first."""
    if not isinstance(payload, SetMetricTarget) or payload.warn_at is None:
        return ()
    found = connection.execute(
        "select direction from kpi_definitions where metric = $1 and variant = $2",
        [payload.metric, payload.variant],
    ).fetchone()
    match found:
        case ("up",) if payload.warn_at > payload.target:
            side = "not above"
        case ("down",) if payload.warn_at < payload.target:
            side = "not below"
        case _:
            return ()
    worse = f"missing the target is worse from there on, so it lies {side} the target"
    return (("warn_at", worse),)


def _unit_cost(connection: duckdb.DuckDBPyConnection, payload: Payload) -> Decimal | None:
    if not isinstance(payload, RecordAdjustment):
        return None
    found = connection.execute(
        "select unit_cost_amount from dim_products where sku = $1", [payload.sku]
    ).fetchone()
    return None if found is None or found[0] is None else Decimal(found[0])


def _at_risk(connection: duckdb.DuckDBPyConnection, payload: Payload) -> Decimal | None:
    if not isinstance(payload, ResolveException):
        return None
    found = connection.execute(
        "select at_risk_amount from fct_exceptions where exception_id = $1", [payload.exception_id]
    ).fetchone()
    return None if found is None or found[0] is None else Decimal(found[0])
