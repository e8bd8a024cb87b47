"""Why so many units of a SKU can be promised: the terms, the days and the events behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import duckdb

from ingestion.contracts.commands import EVERYTHING, normalise_code
from ingestion.generations import open_current
from ingestion.settings import Settings

Row = dict[str, Any]
SHOWN_NAMES = 8


class NothingToExplainError(LookupError):
    """No promise is made of what was asked for."""


@dataclass(frozen=True)
class Explanation:
    """One promise of one generation; the steps between two totals are their difference.

    `days` are those of the horizon on which something comes or goes; `evidence` is every event or
    decision behind a term, the newest first.
    """

    generation: int
    sku: str
    location_id: str
    channel_id: str
    signed_atp_quantity: int
    atp_quantity: int
    oversell_exposure_quantity: int
    lowest_on: date
    terms: list[Row]
    days: list[Row]
    evidence: list[Row]


def explain(
    settings: Settings, sku: str, location_id: str = EVERYTHING, channel_id: str | None = None
) -> Explanation:
    """Return how the current generation comes to what `channel_id` may promise of `sku`.

    Without a channel, the one served first speaks. Raises NothingToExplainError naming what is
    unknown and what comes close, NoGenerationError before the first generation.
    """
    generation, connection = open_current(settings)
    with connection:
        asked = {"sku": str(normalise_code(sku)).upper(), "location_id": location_id}
        promises = _rows(connection, _PROMISES, asked)
        if not promises:
            raise NothingToExplainError(_why_nothing(connection, **asked))
        channels = [promise["channel_id"] for promise in promises]
        if channel_id is not None and channel_id not in channels:
            raise NothingToExplainError(
                f"Nobody sells through a channel {channel_id}. Name one of {_names(channels)}."
            )
        promise = next(p for p in promises if channel_id in (None, p["channel_id"]))
        heard = {"channel_id": promise["channel_id"]}
        return Explanation(
            generation.number,
            **promise,
            terms=_rows(connection, _TERMS, asked | heard),
            days=_rows(connection, _DAYS, asked),
            evidence=_rows(connection, _EVIDENCE, asked | heard),
        )


_PROMISES = """
    select sku, location_id, channel_id, signed_atp_quantity, atp_quantity,
        oversell_exposure_quantity, lowest_on
    from fct_availability
    left join dim_channels using (channel_id)
    where sku = $sku and location_id = $location_id
    order by channel_priority, channel_id
"""
_TERMS = """
    select term, kind, quantity from fct_availability_terms
    where sku = $sku and location_id = $location_id and channel_id = $channel_id
    order by position, term
"""
_DAYS = """
    select projected_on, supply_quantity, demand_quantity, projected_quantity
    from fct_availability_projected
    where sku = $sku and location_id = $location_id
        and (day = 0 or supply_quantity <> 0 or demand_quantity <> 0)
    order by day
"""
_EVIDENCE = """
    select term, event_type, event_id, reference, at_location_id, detail, quantity, is_counted,
        due_on, occurred_at, source_system, file_name, batch_id, row_number
    from fct_availability_evidence
    where sku = $sku and location_id = $location_id
        and coalesce(channel_id, $channel_id) = $channel_id
    order by term, due_on, occurred_at desc, event_id
"""


def _why_nothing(connection: duckdb.DuckDBPyConnection, sku: str, location_id: str) -> str:
    products = _column(connection, "select sku from dim_products")
    kit = _rows(connection, _KIT, {"sku": sku, "location_id": location_id})
    if kit:
        return (
            f"{sku} is a kit, put together from components: {kit[0]['individual_quantity']} can be "
            f"promised, for {kit[0]['limiting_sku']} is its scarcest component. "
            f"Explain that one: `truestock explain {kit[0]['limiting_sku']}`."
        )
    if sku not in products:
        close = get_close_matches(sku, products, n=3)
        hint = f"Did you mean {_names(close)}? " if close else ""
        return f"No product has the SKU {sku}. {hint}The products feed brings new ones."
    known = _column(connection, "select location_id from dim_locations order by location_id")
    if location_id not in (*known, EVERYTHING):
        return f"There is no location {location_id}. Name one of {_names(known)}, or none."
    held = _column(
        connection,
        "select distinct location_id from fct_availability where sku = $sku order by 1",
        {"sku": sku},
    )
    if held:
        return (
            f"{location_id} holds no {sku}, awaits none and owes none, so 0 can be promised there. "
            f"There is something to explain at {_names(held)}."
        )
    return f"{sku} lies nowhere, nobody waits for it and none is expected: 0 can be promised."


_KIT = """
    select limiting_sku, individual_quantity from fct_kit_availability
    where kit_sku = $sku and location_id = $location_id
"""


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> list[Row]:
    found = connection.execute(sql, parameters)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _column(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any] | None = None
) -> list[str]:
    return [value for (value,) in connection.execute(sql, parameters or {}).fetchall()]


def _names(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN_NAMES]) + " …" * (len(codes) > SHOWN_NAMES)
