"""One SKU: what it is, where its units are, how they got there, what may be sold."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import polars as pl

from app.queries.reader import Reader
from ingestion.contracts.vocabulary import State


@dataclass(frozen=True)
class Facts:
    """One SKU's headline numbers over the whole network."""

    sku: str
    title: str
    category: str
    unit_cost: Decimal | None
    currency: str | None
    is_lot_tracked: bool
    on_hand: int
    available: int
    open_demand: int
    oversell_exposure: int
    value: Decimal | None


@dataclass(frozen=True)
class Held:
    """Units of one SKU at one place, of one lot where it was named: on hand, and in one state."""

    state: State
    on_hand: int
    in_state: int


@dataclass(frozen=True)
class Effect:
    """What an adjustment does to the units it is about; those found or lost change no state."""

    held: Held
    quantity: int
    from_state: State | None = None
    to_state: State | None = None

    @property
    def after(self) -> Held:
        """What is there once it is booked."""
        if self.from_state is None:
            on_hand, in_state = self.quantity, self.quantity
        else:
            on_hand = -self.quantity if self.to_state is State.SCRAPPED else 0
            in_state = -self.quantity
        before = self.held
        return Held(before.state, before.on_hand + on_hand, before.in_state + in_state)

    @property
    def is_below_zero(self) -> bool:
        """Whether it takes more than there is."""
        return self.after.in_state < min(0, self.held.in_state)


def held(
    reader: Reader, sku: str, location_id: str, state: State, lot_id: str | None = None
) -> Held:
    """Return what the books hold of `sku` at a place now."""
    rows = reader.frame(
        """
        select coalesce(sum(quantity) filter (where is_on_hand), 0)::bigint as on_hand,
            coalesce(sum(quantity) filter (where state = $state), 0)::bigint as in_state
        from fct_stock_balances
        where sku = $sku and location_id = $location_id
            and ($lot_id is null or lot_id = $lot_id)
        """,
        {"sku": sku, "location_id": location_id, "state": str(state), "lot_id": lot_id},
    )
    return Held(state, *rows.row(0))


def facts(reader: Reader, sku: str) -> Facts | None:
    """Return the facts of `sku`; None when no product has this code."""
    rows = reader.frame(
        """
        with
        stock as (
            select (sum(quantity) filter (where is_on_hand))::bigint as on_hand,
                (sum(quantity) filter (where is_sellable))::bigint as available,
                sum(amount) filter (where is_on_hand) as value
            from fct_stock_balances where sku = $sku
        ),
        demand as (
            select max(open_demand_quantity) as open_demand,
                max(oversell_exposure_quantity) as oversell_exposure
            from fct_availability where sku = $sku and location_id = '*'
        )
        select sku, title, category, unit_cost_amount as unit_cost, currency, is_lot_tracked,
            coalesce(on_hand, 0) as on_hand, coalesce(available, 0) as available,
            coalesce(open_demand, 0) as open_demand,
            coalesce(oversell_exposure, 0) as oversell_exposure, value
        from dim_products cross join stock cross join demand
        where sku = $sku
        """,
        {"sku": sku},
    )
    return Facts(**rows.to_dicts()[0]) if rows.height else None


def balances(reader: Reader, sku: str) -> pl.DataFrame:
    """Return the balance of `sku` per location, state and lot; empty accounts left out."""
    return reader.frame(
        """
        select coalesce(location_name, balances.location_id) as location, state, lot_id, quantity,
            amount, is_on_hand, last_moved_at
        from fct_stock_balances as balances
        left join dim_locations using (location_id)
        where sku = $sku and is_physical and quantity <> 0
        order by location, state, lot_id
        """,
        {"sku": sku},
    )


def availability(reader: Reader, sku: str) -> pl.DataFrame:
    """Return every term of what each channel may promise, network first, then by location."""
    return reader.frame(
        """
        select case when fct_availability.location_id = '*' then 'All locations'
                else coalesce(location_name, fct_availability.location_id) end as location,
            coalesce(channel_name, fct_availability.channel_id) as channel,
            on_hand_quantity, free_quantity, overdrawn_quantity, open_demand_quantity,
            buffer_quantity, kept_for_network_quantity, signed_atp_quantity, atp_quantity,
            oversell_exposure_quantity, rule_id
        from fct_availability
        left join dim_locations using (location_id)
        left join dim_channels using (channel_id)
        where sku = $sku
        order by fct_availability.location_id <> '*', location, channel_priority, channel
        """,
        {"sku": sku},
    )


_TIMELINE = """
    with
    on_hand_states as (
        select distinct state from fct_stock_balances where is_on_hand
    ),
    effects as (
        select movement_id, sum(quantity)::bigint as effect_quantity
        from fct_stock_entries
        where sku = $sku and ($location_id is null or location_id = $location_id)
            and state in (select state from on_hand_states)
        group by movement_id
    ),
    places as (
        select location_id, location_name from dim_locations
    ),
    running as (
        select movements.*, effect_quantity,
            (sum(effect_quantity) over (order by occurred_at, movement_id))::bigint
                as balance_quantity
        from fct_stock_movements as movements
        inner join effects using (movement_id)
        where sku = $sku
    )
    select movement_id, movement_type,
        coalesce(sender.location_name, from_location_id) || ' · ' || replace(from_state, '_', ' ')
            as from_account,
        coalesce(taker.location_name, to_location_id) || ' · ' || replace(to_state, '_', ' ')
            as to_account,
        quantity, effect_quantity, balance_quantity, lot_id, source_system,
        coalesce(order_id, po_id, return_id, transfer_id, command_id, source_event_key)
            as reference, command_id, coalesce(actor, worker_id) as actor,
        -- a reason may start with a code
        case when regexp_matches(reason, '^[a-z_]+(: |$)')
            then replace(regexp_extract(reason, '^[a-z_]+'), '_', ' ')
                || regexp_replace(reason, '^[a-z_]+', '')
            else reason end as reason,
        flag,
        occurred_at, recorded_at, ingested_at
    from running
    left join places as sender on sender.location_id = from_location_id
    left join places as taker on taker.location_id = to_location_id
    where $since is null or occurred_at >= $since
    order by occurred_at, movement_id
"""


def timeline(
    reader: Reader, sku: str, location_id: str | None, since: datetime | None
) -> pl.DataFrame:
    """Return the movements that touched `sku` on hand, oldest first, with the running balance.

    The balance runs over all movements, also those before `since`. Order: occurred_at, then
    movement_id, the ledger's total order.
    """
    return reader.frame(_TIMELINE, {"sku": sku, "location_id": location_id, "since": since})


def span(reader: Reader, sku: str) -> tuple[datetime, datetime] | None:
    """Return when the SKU first and last moved, or None when it never did."""
    rows = reader.frame(
        """
        select min(occurred_at) as first_at, max(occurred_at) as last_at
        from fct_stock_entries where sku = $sku
        """,
        {"sku": sku},
    )
    first, last = rows.row(0)
    return None if first is None else (first, last)


def lots(reader: Reader, sku: str) -> list[str]:
    """Return the lots of `sku` that hold units."""
    rows = reader.frame(
        """
        select distinct lot_id from fct_stock_balances
        where sku = $sku and lot_id is not null and is_physical and quantity <> 0
        order by lot_id
        """,
        {"sku": sku},
    )
    return rows["lot_id"].to_list()


def unit_costs(reader: Reader, skus: tuple[str, ...]) -> dict[str, tuple[Decimal | None, str]]:
    """Return the unit cost and currency of each of `skus` that is known."""
    rows = reader.frame(
        """
        select sku, unit_cost_amount, coalesce(currency, '') as currency
        from dim_products where list_contains($skus, sku)
        """,
        {"skus": list(skus)},
    )
    return {sku: (cost, currency) for sku, cost, currency in rows.iter_rows()}
