"""Metrics over a span of days, against the span before it and against their targets."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl

from app.queries.reader import Reader
from ingestion.spans import DAYS, DEFINED, ROLLED

ORDER = (
    "perfect_order_rate",
    "unit_fill_rate",
    "on_time_in_full",
    "on_time_ship",
    "order_cycle_time",
    "order_aging",
    "pick_accuracy",
    "labour_productivity",
    "stock_cancel_rate",
    "backorder_exposure",
    "inventory_record_accuracy",
    "stockout_rate",
    "oversell_rate",
    "negative_stock_events",
)
"""How a leader reads them: the promise first, then its causes, then the stock itself."""

AREAS = ("fulfilment", "stock", "returns", "supply", "money", "systems")
"""The parts of the business that metrics are about, in reading order."""


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
    area: str
    owner: str
    description: str
    is_headline: bool
    currency: str = ""


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
    """Return every metric's definition and the target in force, headlines first."""
    rows = reader.frame(
        f"""
        select definitions.metric, definitions.variant, title, unit, direction,
            targets.target::double as target, targets.warn_at::double as warn_at, area, owner,
            description, is_headline::boolean as is_headline,
            case when unit = 'money' then coalesce((
                select min(currency) from dim_products having count(distinct currency) = 1
            ), '') else '' end as currency
        from {DEFINED}
        """
    )
    found = [Metric(**row) for row in rows.to_dicts()]
    return sorted(found, key=lambda m: (not m.is_headline, _rank(m.metric), m.metric, m.variant))


def last_day(reader: Reader) -> date | None:
    """Return the last day with order metrics (or any, where no order came in)."""
    rows = reader.frame(DAYS + "select last_on from horizon", {"days": 1})
    return rows["last_on"][0]


def tiles(reader: Reader, days: int) -> list[Tile]:
    """Return the headline metrics over the last `days` days, in reading order.

    Monthly metrics show the months up to now that make about as many days.
    """
    rows = reader.frame(
        f"""{DAYS},
        spans as (
            select metric, variant, span, {ROLLED} as value,
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


@dataclass(frozen=True)
class Trust:
    """How far a metric's sources can be trusted: `trust` is the product of the terms, as shares."""

    trust: float | None
    fresh_share: float | None
    quarantined_share: float | None
    suspense_share: float
    failed_check_share: float


def trust(reader: Reader, metric: Metric) -> Trust | None:
    """Return the metric's trust score with its terms, None when none is published."""
    rows = reader.frame(
        """
        select trust, fresh_share, quarantined_share, suspense_share, failed_check_share
        from kpi_trust where metric = $metric and variant = $variant
        """,
        {"metric": metric.metric, "variant": metric.variant},
    )
    return None if rows.is_empty() else Trust(**rows.to_dicts()[0])


def trend(reader: Reader, metric: Metric, days: int) -> pl.DataFrame:
    """Return one row per day of the current and previous span: value, interval, numbers."""
    return reader.frame(
        f"""{DAYS}
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
        f"""{DAYS},
        spans as (
            select {by}_id as place_id, span, {ROLLED} as value,
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
        f"""{DAYS}
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
