"""Metrics over a span of days, against the span before it and against their targets."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl

from app.queries.reader import Reader

ORDER = (
    "unit_fill_rate",
    "on_time_ship",
    "order_cycle_time",
    "pick_accuracy",
    "inventory_record_accuracy",
    "stock_cancel_rate",
    "return_to_stock_lag",
    "negative_stock_events",
    "line_fill_rate",
    "order_fill_rate",
    "stock_quantity",
)
"""How a leader reads them: the promise first, then its causes, then the stock itself."""

LEVEL = "stock_quantity"

_ROLLED = f"""
    case
        when any_value(metric) = '{LEVEL}' then max_by(value, period)
        when any_value(unit) = 'ratio' then sum(numerator) / nullif(sum(denominator)::double, 0)
        when any_value(unit) = 'hours'
            then sum(value * denominator) / nullif(sum(denominator)::double, 0)
        else sum(numerator)::double
    end
"""

_DAYS = """
    with
    horizon as (
        select coalesce(max(period) filter (where grain = 'day_channel'), max(period)) as last_on
        from kpi_values
    ),
    days as (
        select
            kpi_values.*,
            kpi_definitions.unit,
            case
                when period > last_on - $days::int then 'current'
                when period > last_on - 2 * $days::int then 'previous'
            end as span
        from kpi_values
        inner join kpi_definitions using (metric, variant)
        cross join horizon
        where period > last_on - 2 * $days::int
    )
"""


class Verdict(StrEnum):
    """How a value stands against its target."""

    ON_TARGET = "on target"
    NEAR_TARGET = "misses target"
    OFF_TARGET = "far off target"
    NO_TARGET = "no target"
    NO_VALUE = "nothing measured"


@dataclass(frozen=True)
class Metric:
    """A metric's definition, as published."""

    metric: str
    variant: str
    title: str
    unit: str
    direction: str
    target: float | None
    warn_at: float | None
    owner: str
    description: str
    is_headline: bool


@dataclass(frozen=True)
class Tile:
    """One metric over the current span of days; None where nothing was measured."""

    metric: Metric
    value: float | None
    previous: float | None
    numerator: float | None
    denominator: float | None
    daily: tuple[float, ...]

    @property
    def verdict(self) -> Verdict:
        """How the value stands against the target."""
        return judge(self.metric, self.value)


def judge(metric: Metric, value: float | None) -> Verdict:
    """Compare `value` with the metric's target and its warning line, in its direction."""
    if value is None:
        return Verdict.NO_VALUE
    if metric.target is None or metric.direction not in {"up", "down"}:
        return Verdict.NO_TARGET
    sign = 1 if metric.direction == "up" else -1
    if sign * value >= sign * metric.target:
        return Verdict.ON_TARGET
    warn_at = metric.target if metric.warn_at is None else metric.warn_at
    return Verdict.NEAR_TARGET if sign * value >= sign * warn_at else Verdict.OFF_TARGET


def metrics(reader: Reader) -> list[Metric]:
    """Return every metric's definition, headlines in reading order first."""
    rows = reader.frame(
        """
        select metric, variant, title, unit, direction, target::double as target,
            warn_at::double as warn_at, owner, description, is_headline::boolean as is_headline
        from kpi_definitions
        """
    )
    found = [Metric(**row) for row in rows.to_dicts()]
    return sorted(found, key=lambda m: (not m.is_headline, _rank(m.metric), m.metric, m.variant))


def last_day(reader: Reader) -> date | None:
    """Return the last day with order metrics (or any, where no order came in)."""
    rows = reader.frame(_DAYS + "select last_on from horizon", {"days": 1})
    return rows["last_on"][0]


def tiles(reader: Reader, days: int) -> list[Tile]:
    """Return the headline metrics over the last `days` days, in reading order."""
    rows = reader.frame(
        f"""{_DAYS},
        spans as (
            select metric, variant, span, {_ROLLED} as value,
                sum(numerator)::double as numerator, sum(denominator)::double as denominator,
                list(value order by period) filter (where value is not null) as daily
            from days where grain = 'day' and span is not null
            group by metric, variant, span
        )
        select current.*, previous.value as previous
        from spans as current
        left join spans as previous
            on current.metric = previous.metric and current.variant = previous.variant
            and previous.span = 'previous'
        where current.span = 'current'
        """,
        {"days": days},
    )
    found = {(row["metric"], row["variant"]): row for row in rows.to_dicts()}
    return [
        _tile(metric, found.get((metric.metric, metric.variant)))
        for metric in metrics(reader)
        if metric.is_headline
    ]


def trust(reader: Reader, metric: Metric) -> float | None:
    """Return the share of the metric's source rows that were fit to load, None when unknown."""
    rows = reader.frame(
        """
        select min(trust) as trust from kpi_values
        where metric = $metric and variant = $variant
        """,
        {"metric": metric.metric, "variant": metric.variant},
    )
    return rows["trust"][0]


def trend(reader: Reader, metric: Metric, days: int) -> pl.DataFrame:
    """Return one row per day of the current and previous span: value, interval, numbers."""
    return reader.frame(
        f"""{_DAYS}
        select period, span, value, low, high, target, numerator::double as numerator,
            denominator::double as denominator
        from days where grain = 'day' and metric = $metric and variant = $variant
        order by period
        """,
        {"days": days, "metric": metric.metric, "variant": metric.variant},
    )


def breakdown(reader: Reader, metric: Metric, days: int, by: str) -> pl.DataFrame:
    """Return the metric per location or channel over the current span and the one before."""
    return reader.frame(
        f"""{_DAYS},
        spans as (
            select {by}_id as place_id, span, {_ROLLED} as value,
                sum(numerator)::double as numerator, sum(denominator)::double as denominator
            from days
            where grain = $grain and metric = $metric and variant = $variant and span is not null
            group by {by}_id, span
        )
        select coalesce(names.{by}_name, place_id) as name, any_value(spans.value)
                filter (where span = 'current') as value,
            any_value(spans.value) filter (where span = 'previous') as previous,
            sum(numerator) filter (where span = 'current') as numerator,
            sum(denominator) filter (where span = 'current') as denominator
        from spans
        left join dim_{by}s as names on names.{by}_id = place_id
        group by all order by name
        """,
        _where(metric, days) | {"grain": f"day_{by}"},
    )


def daily_breakdown(reader: Reader, metric: Metric, days: int, by: str) -> pl.DataFrame:
    """Return one row per day and location or channel: the numbers behind the metric."""
    return reader.frame(
        f"""{_DAYS}
        select period, coalesce(names.{by}_name, days.{by}_id) as name,
            numerator::double as numerator, denominator::double as denominator, value
        from days
        left join dim_{by}s as names on names.{by}_id = days.{by}_id
        where grain = $grain and metric = $metric and variant = $variant and span = 'current'
        order by period desc, name
        """,
        _where(metric, days) | {"grain": f"day_{by}"},
    )


def _where(metric: Metric, days: int) -> dict[str, object]:
    return {"days": days, "metric": metric.metric, "variant": metric.variant}


def _rank(metric: str) -> int:
    return ORDER.index(metric) if metric in ORDER else len(ORDER)


def _tile(metric: Metric, row: dict[str, Any] | None) -> Tile:
    if row is None:
        return Tile(metric, None, None, None, None, ())
    keys = ("value", "previous", "numerator", "denominator")
    value, previous, numerator, denominator = (row[key] for key in keys)
    return Tile(metric, value, previous, numerator, denominator, tuple(row["daily"] or ()))
