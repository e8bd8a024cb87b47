"""Returns on their three clocks: refund, receipt, restock; what is open and what is not real."""

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from app.queries.reader import Reader

_TIMED = """
    with
    phantoms as (
        select return_id, sku, sum(quantity)::bigint as phantom_quantity,
            sum(amount) as phantom_amount,
            string_agg(distinct system, ', ' order by system) as phantom_in,
            min(began_at) as phantom_at
        from fct_phantom_stock
        where return_id is not null
        group by return_id, sku
    ),
    timed as (
        select returns.* exclude (location_id),
            coalesce(location_name, returns.location_id) as location,
            greatest(coalesce(requested_quantity, 0) - coalesce(received_quantity, 0), 0)
                as awaited_quantity,
            greatest(coalesce(received_quantity, 0) - coalesce(disposed_quantity, 0), 0)
                as uninspected_quantity,
            greatest(coalesce(received_quantity, 0) - coalesce(refunded_quantity, 0), 0)
                as unrefunded_quantity,
            greatest(coalesce(refunded_quantity, 0) - coalesce(received_quantity, 0), 0)
                as exposed_quantity,
            coalesce(phantom_quantity, 0) as phantom_quantity, phantom_amount, phantom_in,
            phantom_at,
            coalesce(refunded_at < received_at, refunded_at is not null) as is_refunded_first
        from fct_returns as returns
        left join dim_locations using (location_id)
        left join phantoms using (return_id, sku)
    ),
    valued as (
        select *,
            cast(refund_amount * exposed_quantity / nullif(refunded_quantity, 0) as decimal(18, 4))
                as exposed_amount
        from timed
    )
"""


@dataclass(frozen=True)
class Totals:
    """What is open over all returns, in units and money."""

    return_count: int
    awaited_quantity: int
    uninspected_quantity: int
    refunded_first_count: int
    exposed_quantity: int
    exposed_amount: Decimal | None
    phantom_quantity: int
    phantom_amount: Decimal | None
    standing_phantom_quantity: int


def phantom_systems(reader: Reader) -> pl.DataFrame:
    """Return the units and value on paper alone, by the system that put them there."""
    return reader.frame(
        """
        select system, cause, count(*) as incident_count, sum(quantity)::bigint as quantity,
            sum(amount) as amount,
            coalesce(sum(quantity) filter (where ended_at is null), 0)::bigint
                as standing_quantity,
            max(began_at) as last_at
        from fct_phantom_stock
        group by system, cause
        order by quantity desc, system, cause
        """
    )


def totals(reader: Reader) -> Totals:
    """Return the units and money of every open span, phantom stock and refund exposure."""
    rows = reader.frame(
        _TIMED
        + """
        select count(distinct return_id) as return_count,
            coalesce(sum(awaited_quantity), 0)::bigint as awaited_quantity,
            coalesce(sum(uninspected_quantity), 0)::bigint as uninspected_quantity,
            count(*) filter (where is_refunded_first) as refunded_first_count,
            coalesce(sum(exposed_quantity), 0)::bigint as exposed_quantity,
            sum(exposed_amount) as exposed_amount,
            (select coalesce(sum(quantity), 0)::bigint from fct_phantom_stock)
                as phantom_quantity,
            (select sum(amount) from fct_phantom_stock) as phantom_amount,
            (select coalesce(sum(quantity), 0)::bigint from fct_phantom_stock
                where ended_at is null) as standing_phantom_quantity
        from valued
        """
    )
    return Totals(**rows.to_dicts()[0])


_SPANS = """
    , spans as (
        select 'announced, not received' as span, awaited_quantity as quantity,
            coalesce(shipped_back_at, requested_at) as since_at
        from valued
        union all
        select 'received, not inspected', uninspected_quantity, received_at from valued
        union all
        select 'received, not refunded', unrefunded_quantity, received_at from valued
        union all
        select 'refunded, not received', exposed_quantity, refunded_at from valued
    )
    select span, case
            when since_at > $as_of - interval 2 day then 'up to 2 days'
            when since_at > $as_of - interval 7 day then '3 to 7 days'
            when since_at > $as_of - interval 14 day then '8 to 14 days'
            else 'over 14 days'
        end as age, sum(quantity)::bigint as quantity, count(*) as return_count,
        min(since_at) as since_at
    from spans
    where quantity > 0
    group by span, age
    order by span, since_at desc
"""


def open_spans(reader: Reader) -> pl.DataFrame:
    """Return units between two clocks by how long they have been there when this was published."""
    as_of = reader.published_at.replace(tzinfo=None)
    return reader.frame(_TIMED + _SPANS, {"as_of": as_of})


CONDITIONS = {
    "all": "true",
    "open": "awaited_quantity + uninspected_quantity + unrefunded_quantity > 0",
    "refunded_first": "is_refunded_first",
    "exposed": "exposed_quantity > 0",
    "phantom": "phantom_quantity > 0",
}
"""Which returns can be listed, each with its test."""


def returns(reader: Reader, which: str, search: str, limit: int) -> pl.DataFrame:
    """Return the returns of one of CONDITIONS with their clocks, the latest first."""
    return reader.frame(
        _TIMED
        + f"""
        select return_id, order_id, sku, location, reason as return_reason, condition, disposition,
            requested_quantity, received_quantity, restocked_quantity, refunded_quantity,
            exposed_quantity, exposed_amount, phantom_quantity, phantom_amount, phantom_in,
            requested_at, shipped_back_at, refunded_by, refunded_at, received_by, received_at,
            inspected_at, restocked_by, restocked_at, scrapped_at, phantom_at
        from valued
        where {CONDITIONS[which]}
            and (
                contains(upper(return_id), $search) or contains(upper(sku), $search)
                or contains(upper(coalesce(order_id, '')), $search)
            )
        order by greatest(
                requested_at, shipped_back_at, refunded_at, received_at, restocked_at
            ) desc nulls last, return_id, sku
        limit $limit::int
        """,
        {"search": search.strip().upper(), "limit": limit},
    )
