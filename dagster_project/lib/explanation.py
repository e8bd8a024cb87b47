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
class Promise:
    """What one channel may promise; the steps between two totals are their difference.

    `days` are those of the horizon on which something comes or goes.
    """

    channel_id: str
    channel_name: str | None
    signed_atp_quantity: int
    atp_quantity: int
    oversell_exposure_quantity: int
    lowest_on: date
    terms: list[Row]
    days: list[Row]


@dataclass(frozen=True)
class Explanation:
    """The promises of one generation, the channel served first before the others.

    `evidence` is every event or decision behind a term, the newest first; of a channel's own its
    `channel_id` says whose. Names are None for all locations and where none is known.
    """

    generation: int
    sku: str
    location_id: str
    location_name: str | None
    promises: list[Promise]
    evidence: list[Row]


@dataclass(frozen=True)
class Holding:
    """What lies of a SKU while no channel is known that it could be promised through."""

    generation: int
    sku: str
    location_id: str
    location_name: str | None
    on_hand_quantity: int
    terms: list[Row]
    days: list[Row]
    evidence: list[Row]


@dataclass(frozen=True)
class KitExplanation:
    """What can be promised of a kit: what was put together before, and what its components make.

    `components` has the scarcest first: what each has, and how many kits that makes. `own` derives
    the promise of the kit as such; None where it is neither stocked nor asked for as such.
    """

    generation: int
    sku: str
    location_id: str
    location_name: str | None
    channel_id: str
    channel_name: str | None
    limiting_sku: str
    own_free_quantity: int
    own_demand_quantity: int
    own_atp_quantity: int
    individual_quantity: int
    available_quantity: int
    shared_sku: str | None
    joint_quantity: int
    joint_limit_quantity: int
    components: list[Row]
    own: Explanation | None


def explain(
    settings: Settings, sku: str, location_id: str = EVERYTHING, channel_id: str | None = None
) -> Explanation | KitExplanation | Holding:
    """Return how the current generation comes to what `channel_id` may promise of `sku`.

    Without a channel, every one speaks (of a kit, the one served first); where no channel is known
    at all, what is on hand. A kit is explained by its components. Raises NothingToExplainError
    naming what is unknown and what comes close, NoGenerationError before the first generation.
    """
    generation, connection = open_current(settings)
    with connection:
        asked = {"sku": str(normalise_code(sku)).upper(), "location_id": location_id}
        _require_known(connection, **asked, channel_id=channel_id)
        heard = asked | {"channel_id": channel_id}
        promises = [_promise(connection, asked, row) for row in _rows(connection, _PROMISES, heard)]
        own = Explanation(
            generation.number,
            **asked,
            location_name=_location_name(connection, location_id),
            promises=promises,
            evidence=_rows(connection, _EVIDENCE, heard),
        )
        kits = _rows(connection, _KIT, asked)
        kit = next((k for k in kits if channel_id in (None, k["channel_id"])), None)
        if kit is not None:
            parts = _rows(connection, _COMPONENTS, asked | {"channel_id": kit["channel_id"]})
            return KitExplanation(
                generation.number, **kit, components=parts, own=own if promises else None
            )
        return own if promises else _holding(connection, generation.number, asked)


def _promise(connection: duckdb.DuckDBPyConnection, asked: Row, row: Row) -> Promise:
    """Return one channel's promise with its terms and days."""
    heard = asked | {"channel_id": row["channel_id"]}
    return Promise(
        **row,
        terms=_rows(connection, _TERMS, heard),
        days=_rows(connection, _DAYS, heard),
    )


def _location_name(connection: duckdb.DuckDBPyConnection, location_id: str) -> str | None:
    places = "select location_name from dim_locations where location_id = $location_id"
    names = _column(connection, places, {"location_id": location_id})
    return names[0] if names else None


def _holding(connection: duckdb.DuckDBPyConnection, generation: int, asked: Row) -> Holding:
    """Return what lies of a SKU; raises NothingToExplainError unless only channels are lacking."""
    terms = _rows(connection, _HELD, asked)
    if not terms or _column(connection, "select channel_id from dim_channels limit 1"):
        raise NothingToExplainError(_why_nothing(connection, **asked))
    (total,) = (term for term in terms if term["kind"] == "total")
    return Holding(
        generation,
        **asked,
        location_name=_location_name(connection, asked["location_id"]),
        on_hand_quantity=total["quantity"],
        terms=terms,
        days=_rows(connection, _PROJECTED, asked),
        evidence=_rows(connection, _MOVED, asked),
    )


_PROMISES = """
    select channel_id, channel_name, signed_atp_quantity, atp_quantity,
        oversell_exposure_quantity, lowest_on
    from fct_availability
    left join dim_channels using (channel_id)
    where sku = $sku and location_id = $location_id
        and channel_id = coalesce($channel_id, channel_id)
    order by channel_priority, channel_id
"""
_TERMS = """
    select term, kind, position, quantity from fct_availability_terms
    where sku = $sku and location_id = $location_id and channel_id = $channel_id
    order by position, term
"""
_DAYS = """
    select projected_on, supply_quantity, demand_quantity, by_day.projected_quantity,
        by_day.signed_atp_quantity
    from fct_availability_by_day as by_day
    inner join fct_availability_projected using (sku, location_id, day, projected_on)
    where sku = $sku and location_id = $location_id and channel_id = $channel_id
        and (day = 0 or supply_quantity <> 0 or demand_quantity <> 0)
    order by day
"""
_PROJECTED = """
    select projected_on, supply_quantity, demand_quantity, projected_quantity
    from fct_availability_projected
    where sku = $sku and location_id = $location_id
        and (day = 0 or supply_quantity <> 0 or demand_quantity <> 0)
    order by day
"""
_EVIDENCE = """
    select term, channel_id, event_type, event_id, reference, at_location_id,
        places.location_name as at_location_name, detail, quantity, is_counted, due_on,
        occurred_at, source_system, file_name, batch_id, row_number
    from fct_availability_evidence as evidence
    -- left: what comes or is asked for may be bound to no place
    left join dim_locations as places on evidence.at_location_id = places.location_id
    where sku = $sku and evidence.location_id = $location_id
        and ($channel_id is null or coalesce(channel_id, $channel_id) = $channel_id)
    order by term, channel_id, due_on, occurred_at desc, event_id
"""


_HELD = """
    select if(grouping(state) = 1, 'on_hand', state) as term,
        if(grouping(state) = 1, 'total', 'step') as kind, sum(quantity)::bigint as quantity
    from fct_stock_balances
    where sku = $sku and $location_id in ('*', location_id) and is_on_hand
    group by grouping sets ((), (state))
    having count(*) > 0 and (grouping(state) = 1 or sum(quantity) <> 0)
    order by kind, term
"""
_MOVED = """
    with
    sides as (
        select *, from_location_id as at_location_id, from_state as term, -quantity as effect
        from fct_stock_movements
        union all
        select *, to_location_id, to_state, quantity from fct_stock_movements
    )
    select term, null as channel_id, movement_type as event_type, movement_id as event_id,
        coalesce(order_id, po_id, return_id, transfer_id, command_id, source_event_key)
            as reference,
        at_location_id, location_name as at_location_name, reason as detail, effect as quantity,
        true as is_counted, null as due_on, occurred_at, sides.source_system,
        file_name, batch_id, row_number
    from sides
    semi join (from fct_stock_balances where is_on_hand) as held on sides.term = held.state
    left join meta_readings using (batch_id)
    -- left: an event may name a place that nobody knows
    left join dim_locations on sides.at_location_id = dim_locations.location_id
    where sku = $sku and $location_id in ('*', at_location_id)
    order by term, occurred_at desc, event_id
"""


def _require_known(
    connection: duckdb.DuckDBPyConnection, sku: str, location_id: str, channel_id: str | None
) -> None:
    """Raise NothingToExplainError for a code that nobody knows, with those that come close."""
    products = _column(connection, "select sku from dim_products order by sku")
    if sku not in products:
        hint = _hint(sku, products)
        raise NothingToExplainError(
            f"No product has the SKU {sku}. {hint}The products feed brings new ones."
        )
    places = _column(connection, "select location_id from dim_locations order by location_id")
    if location_id not in (*places, EVERYTHING):
        raise NothingToExplainError(
            f"There is no location {location_id}. {_hint(location_id, places)}"
            f"Name one of {_names(places)}, or none."
        )
    channels = _column(connection, "select channel_id from dim_channels order by channel_id")
    if channel_id is not None and channel_id not in channels:
        known = f"Name one of {_names(channels)}." if channels else _NO_CHANNEL
        raise NothingToExplainError(
            f"There is no channel {channel_id}. {_hint(channel_id, channels)}{known}"
        )


_NO_CHANNEL = "No channel is known yet; the channels feed (channel_id,name,kind) brings them."


def _why_nothing(connection: duckdb.DuckDBPyConnection, sku: str, location_id: str) -> str:
    held = _column(
        connection,
        "select distinct location_id from fct_availability_projected where sku = $sku order by 1",
        {"sku": sku},
    )
    if held:
        return (
            f"{location_id} holds no {sku}, awaits none and owes none, so 0 can be promised there. "
            f"There is something to explain at {_names(held)}."
        )
    return f"{sku} lies nowhere, nobody waits for it and none is expected: 0 can be promised."


_KIT = """
    select kit_sku as sku, location_id, location_name, channel_id, channel_name, limiting_sku,
        own_free_quantity, own_demand_quantity, own_atp_quantity, individual_quantity,
        available_quantity, shared_sku, joint_quantity, joint_limit_quantity
    from fct_kit_availability
    left join dim_channels using (channel_id)
    -- left: * is every location and none
    left join dim_locations using (location_id)
    where kit_sku = $sku and location_id = $location_id
    order by channel_priority, channel_id
"""
_COMPONENTS = """
    select component_sku, component_quantity, signed_atp_quantity, kit_quantity
    from fct_kit_components
    where kit_sku = $sku and location_id = $location_id and channel_id = $channel_id
    order by kit_quantity, component_sku
"""


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> list[Row]:
    found = connection.execute(sql, parameters)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _column(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any] | None = None
) -> list[str]:
    return [value for (value,) in connection.execute(sql, parameters or {}).fetchall()]


def _hint(code: str, known: Sequence[str]) -> str:
    """Return a question for the known codes most like `code`, in whatever letter case."""
    folded = {each.lower(): each for each in known}
    close = [folded[each] for each in get_close_matches(code.lower(), folded, n=3)]
    return f"Did you mean {_names(close)}? " if close else ""


def _names(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN_NAMES]) + " …" * (len(codes) > SHOWN_NAMES)
