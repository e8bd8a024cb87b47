"""How numbers, instants and foreign text are written for people."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from app.queries.kpis import Metric, Verdict

VERDICT_ICONS = {
    Verdict.ON_TARGET: ":green[:material/check_circle:]",
    Verdict.NEAR_TARGET: ":orange[:material/warning:]",
    Verdict.OFF_TARGET: ":red[:material/error:]",
    Verdict.NO_TARGET: ":gray[:material/remove:]",
    Verdict.NO_VALUE: ":gray[:material/help:]",
}

UNKNOWN = "\N{EN DASH}"
_CHANGES = {"ratio": (100, 1, " points"), "hours": (1, 1, " h")}
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
_STEPS = (
    (timedelta(minutes=1), timedelta(seconds=1), "second"),
    (timedelta(hours=1), timedelta(minutes=1), "minute"),
    (timedelta(days=2), timedelta(hours=1), "hour"),
    (timedelta.max, timedelta(days=1), "day"),
)


def plain(text: object) -> str:
    """Text from outside as Markdown that shows it literally."""
    return _MARKUP.sub(r"\\\1", str(text)).replace("\n", " ")


def words(code: str) -> str:
    """A code as words: `in_transit` becomes `In transit`."""
    return code.replace("_", " ").capitalize()


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in the one unit a person would use."""
    age = max(now - then, timedelta(0))
    if age < timedelta(seconds=5):
        return "just now"
    for limit, unit, name in _STEPS:
        if age < limit:
            return f"{plural(age // unit, name)} ago"
    return ""


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def money(amount: Decimal | None, currency: str | None = None) -> str:
    """An amount with two decimals, or a dash where it is unknown."""
    return UNKNOWN if amount is None else f"{amount:,.2f} {currency or ''}".strip()


def metric_value(metric: Metric, value: float | None) -> str:
    """A metric's value in its unit."""
    if value is None:
        return UNKNOWN
    if metric.unit == "ratio":
        return f"{100 * value:.1f} %"
    return f"{value:,.1f} h" if metric.unit == "hours" else f"{value:,.0f}"


def metric_change(metric: Metric, value: float | None, previous: float | None) -> str | None:
    """The change since the period before, None when there is none; ratios in percentage points."""
    if value is None or previous is None:
        return None
    scale, digits, unit = _CHANGES.get(metric.unit, (1, 0, ""))
    change = round(scale * (value - previous), digits)
    return f"{change:+,.{digits}f}{unit}" if change else None


def target(metric: Metric) -> str:
    """A metric's target in words."""
    if metric.target is None or metric.direction not in {"up", "down"}:
        return "no target"
    edge = "at least" if metric.direction == "up" else "at most"
    return f"{edge} {metric_value(metric, metric.target)}"


def verdict(metric: Metric, judged: Verdict) -> str:
    """The icon and words for how a metric stands against its target."""
    words_ = judged.value.capitalize()
    suffix = "" if judged is Verdict.NO_TARGET else f": {target(metric)}"
    return f"{VERDICT_ICONS[judged]} {words_}{suffix}"


def duration(minutes: int | None) -> str:
    """A number of minutes in the largest unit that divides it."""
    if minutes is None:
        return ""
    for size, name in ((1440, "day"), (60, "hour")):
        if minutes and minutes % size == 0:
            return plural(minutes // size, name)
    return plural(minutes, "minute")
