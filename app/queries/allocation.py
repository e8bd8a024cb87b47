"""Rules, open lines and the plan; and what a draft rule would change, by the same engine."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from app.queries.reader import Reader, rows


@dataclass(frozen=True)
class DraftRule:
    """A rule as it might be."""

    rule_id: str
    version: int
    channel_id: str
    sku: str
    channel_priority: int
    ring_fence_quantity: int
    buffer_quantity: int
    location_order: tuple[str, ...]
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class LineFilter:
    """Which lines of the plan are looked at; empty fields filter nothing."""

    channel_id: str | None = None
    search: str = ""
    only_short: bool = False


@dataclass(frozen=True)
class Preview:
    """What the draft changes against the published plan: per channel, and line by line."""

    by_channel: pl.DataFrame
    lines: pl.DataFrame


def rules(reader: Reader) -> pl.DataFrame:
    """Return every approved version of every rule, those in force first."""
    return reader.frame(
        """
        select rule_id, version, is_current, channel_id,
            case rules.channel_id when '*' then 'Every channel'
                else coalesce(channel_name, rules.channel_id) end as channel,
            sku, rules.channel_priority, ring_fence_quantity, buffer_quantity, location_order,
            list_transform(location_order, lambda id: coalesce(names[id], id)) as serving_order,
            valid_from, valid_to, actor, reason
        from dim_allocation_rules as rules
        cross join (select map(list(location_id), list(location_name)) as names from dim_locations)
        left join dim_channels using (channel_id)
        order by is_current desc, rule_id, version desc
        """
    )


def revisable(reader: Reader, now: datetime) -> pl.DataFrame:
    """Return the newest version of every rule that is not over: in force, or to come."""
    newest = rules(reader).sort("version").unique("rule_id", keep="last").sort("rule_id")
    ended = pl.col("valid_to") <= now.replace(tzinfo=None)
    return newest.filter(~ended.fill_null(value=False))


def by_channel(reader: Reader) -> pl.DataFrame:
    """Return the plan per channel: open lines and units, allocated and short.

    A kit's line is one line, and its units are those of its components.
    """
    return reader.frame(
        """
        with
        lines as (
            select order_id, line_id, sku, any_value(channel_id) as channel_id,
                sum(allocated_quantity) as allocated, any_value(short_quantity) as short
            from fct_allocations group by order_id, line_id, sku
        )
        select coalesce(channel_name, lines.channel_id) as channel,
            count(distinct (order_id, line_id)) as line_count,
            sum(allocated + short)::bigint as open_quantity,
            sum(allocated)::bigint as allocated_quantity, sum(short)::bigint as short_quantity,
            sum(allocated) / nullif(sum(allocated + short), 0)::double as fill_rate
        from lines
        left join dim_channels using (channel_id)
        group by channel order by any_value(channel_priority), channel
        """
    )


def plan(reader: Reader, chosen: LineFilter, limit: int) -> pl.DataFrame:
    """Return the plan's lines, the earliest promise first."""
    return reader.frame(
        """
        select order_id, line_id, sku, coalesce(channel_name, plan.channel_id) as channel,
            coalesce(location_name, plan.location_id) as location, allocated_quantity,
            short_quantity,
            coalesce(
                rule_id,
                case when channel_name is null then 'unknown channel' else 'channel priority' end
            ) as governed_by,
            rule_version, shortage_reason,
            nullif(array_to_string(withheld_by, ', '), '') as withheld_by,
            promised_ship_by, placed_at
        from fct_allocations as plan
        left join dim_channels using (channel_id)
        left join dim_locations using (location_id)
        where ($channel_id is null or plan.channel_id = $channel_id)
            and (
                $search = '' or contains(upper(sku), $search) or contains(upper(order_id), $search)
            )
            and (not $only_short or short_quantity > 0)
        order by promised_ship_by nulls last, order_id, line_id, sku, location
        limit $limit::int
        """,
        {
            "channel_id": chosen.channel_id,
            "search": chosen.search.strip().upper(),
            "only_short": chosen.only_short,
            "limit": limit,
        },
    )


def shortage_reasons(reader: Reader) -> pl.DataFrame:
    """Return how many lines and units are short, by reason."""
    return reader.frame(
        """
        with
        lines as (
            select order_id, line_id, sku, any_value(shortage_reason) as shortage_reason,
                any_value(short_quantity) as short_quantity
            from fct_allocations where short_quantity > 0 group by order_id, line_id, sku
        )
        select shortage_reason, count(distinct (order_id, line_id)) as line_count,
            sum(short_quantity)::bigint as short_quantity
        from lines group by shortage_reason order by short_quantity desc, shortage_reason
        """
    )


def availability(reader: Reader, search: str, limit: int) -> pl.DataFrame:
    """Return what each channel may promise over all locations, the largest exposure first."""
    return reader.frame(
        """
        select sku, title, coalesce(channel_name, fct_availability.channel_id) as channel,
            on_hand_quantity, free_quantity, overdrawn_quantity, open_demand_quantity,
            buffer_quantity, signed_atp_quantity, atp_quantity, oversell_exposure_quantity, rule_id
        from fct_availability
        inner join dim_products using (sku)
        left join dim_channels using (channel_id)
        where location_id = '*'
            and ($search = '' or contains(upper(sku), $search) or contains(upper(title), $search))
        order by oversell_exposure_quantity desc, signed_atp_quantity, sku, channel_priority
        limit $limit::int
        """,
        {"search": search.strip().upper(), "limit": limit},
    )


_DRAFT_RULES = """
    create or replace temporary table draft_rules as
    select rule_id, version, channel_id, sku, channel_priority, ring_fence_quantity,
        buffer_quantity, location_order, is_current
    from dim_allocation_rules where is_current and rule_id <> $rule_id
    union all
    select $rule_id, $version, $channel_id, $sku, $channel_priority, $ring_fence_quantity,
        $buffer_quantity, $location_order::varchar[], true
"""

_DRAFT_POLICIES = """
    create or replace temporary table draft_policies as
    from policies_of('fct_allocation_lines', 'dim_channels', 'draft_rules', 'dim_channel_buffers')
"""

_DRAFT_LINES = """
    create or replace temporary table draft_lines as
    with
    draft as (
        select order_id, line_id, sku, sum(allocated_quantity)::bigint as allocated,
            any_value(rule_id) as rule_id
        from allocate('fct_allocation_lines', 'fct_allocation_supply', 'draft_policies',
            'dim_safety_stocks')
        group by order_id, line_id, sku
    ),
    published as (
        select order_id, line_id, sku, sum(allocated_quantity)::bigint as allocated
        from fct_allocations group by order_id, line_id, sku
    )
    select lines.order_id, lines.line_id, lines.sku, lines.channel_id, lines.quantity,
        coalesce(published.allocated, 0) as published_quantity,
        coalesce(draft.allocated, 0) as draft_quantity, draft.rule_id, lines.promised_ship_by
    from fct_allocation_lines as lines
    left join draft using (order_id, line_id, sku)
    left join published using (order_id, line_id, sku)
"""

_PREVIEW_CHANNELS = """
    select coalesce(channel_name, lines.channel_id) as channel,
        count(distinct (order_id, line_id)) as line_count,
        sum(quantity)::bigint as open_quantity,
        sum(published_quantity)::bigint as published_allocated_quantity,
        sum(draft_quantity)::bigint as draft_allocated_quantity,
        sum(draft_quantity - published_quantity)::bigint as allocated_change_quantity,
        sum(quantity - published_quantity)::bigint as published_short_quantity,
        sum(quantity - draft_quantity)::bigint as draft_short_quantity,
        count(distinct (order_id, line_id))
            filter (where draft_quantity <> published_quantity) as changed_line_count
    from draft_lines as lines
    left join dim_channels using (channel_id)
    group by channel order by any_value(channel_priority), channel
"""

_PREVIEW_LINES = """
    select order_id, line_id, sku, coalesce(channel_name, lines.channel_id) as channel,
        quantity as open_quantity, published_quantity, draft_quantity,
        draft_quantity - published_quantity as change_quantity,
        coalesce(
            rule_id,
            case when channel_name is null then 'unknown channel' else 'channel priority' end
        ) as governed_by,
        promised_ship_by
    from draft_lines as lines
    left join dim_channels using (channel_id)
    where draft_quantity <> published_quantity
    order by abs(draft_quantity - published_quantity) desc, order_id, line_id, sku
    limit 500
"""


def preview(reader: Reader, draft: DraftRule) -> Preview:
    """Allocate today's open lines with `draft` among the rules in force; nothing is written.

    The engine is the generation's own `allocate` macro, on the lines and supply of the published
    plan, so every difference is the draft's.
    """
    parameters = {
        "rule_id": draft.rule_id,
        "version": draft.version,
        "channel_id": draft.channel_id,
        "sku": draft.sku,
        "channel_priority": draft.channel_priority,
        "ring_fence_quantity": draft.ring_fence_quantity,
        "buffer_quantity": draft.buffer_quantity,
        "location_order": list(draft.location_order),
    }
    with reader.cursor() as cursor:
        cursor.execute(_DRAFT_RULES, parameters)
        cursor.execute(_DRAFT_POLICIES)
        cursor.execute(_DRAFT_LINES)
        by_channel = rows(cursor, _PREVIEW_CHANNELS)
        return Preview(by_channel, rows(cursor, _PREVIEW_LINES))


def remarks(reader: Reader, draft: DraftRule, today: date) -> list[str]:
    """Return what the preview of `draft` does not show by itself, in words."""
    return [*_about_sku(reader, draft.sku), *_about_days(draft, today)]


def knows(reader: Reader, sku: str) -> bool:
    """Whether a rule may name `sku`: every SKU, or one that is a product."""
    found = reader.frame("select exists (from dim_products where sku = $sku)", {"sku": sku})
    return sku == "*" or found.row(0)[0]


def _about_sku(reader: Reader, sku: str) -> list[str]:
    if not knows(reader, sku):
        return [f"Generation {reader.number} knows no product {sku}: correct the SKU."]
    asked = "select exists (from fct_allocation_lines where sku = $sku)"
    is_asked_for = sku == "*" or reader.frame(asked, {"sku": sku}).row(0)[0]
    return [] if is_asked_for else [f"No open line asks for {sku} today."]


def _about_days(draft: DraftRule, today: date) -> list[str]:
    start, end = draft.valid_from, draft.valid_to
    if start is not None and end is not None and end <= start:
        return [f"It would never be in force: it ends on {end}, and starts on {start}."]
    if end is not None and end <= today:
        return [f"It would not be in force: it ends on {end}. This is what it would do today."]
    if start is not None and start > today:
        return [f"It is not in force before {start}. This is what it would do today."]
    return []


def safety_stocks(reader: Reader) -> pl.DataFrame:
    """Return the safety stocks in force."""
    return reader.frame(
        """
        select sku, case when stocks.location_id = '*' then 'All locations'
                else coalesce(location_name, stocks.location_id) end as location,
            safety_stock_quantity, actor, reason, valid_from
        from dim_safety_stocks as stocks
        left join dim_locations using (location_id)
        where is_current order by sku, stocks.location_id <> '*', location
        """
    )


def buffers(reader: Reader) -> pl.DataFrame:
    """Return the channel buffers in force."""
    return reader.frame(
        """
        select coalesce(channel_name, buffers.channel_id) as channel, sku, buffer_quantity, actor,
            reason, valid_from
        from dim_channel_buffers as buffers
        left join dim_channels using (channel_id)
        where is_current order by channel_priority, channel, sku
        """
    )
