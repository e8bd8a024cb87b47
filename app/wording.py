"""How numbers, instants and foreign text are written for people."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from app.queries.kpis import Metric, Trust, Verdict

VERDICT_ICONS = {
    Verdict.ON_TARGET: ":green[:material/check_circle:]",
    Verdict.NEAR_TARGET: ":orange[:material/warning:]",
    Verdict.OFF_TARGET: ":red[:material/error:]",
    Verdict.NO_TARGET: ":gray[:material/remove:]",
    Verdict.NO_VALUE: ":gray[:material/help:]",
}

UNKNOWN = "\N{EN DASH}"
_FINE = {"hours": " h", "days": " days", "turns": " turns", "per_hour": " / h"}
_CHANGES = {"ratio": (100, 1, " points")} | {unit: (1, 1, name) for unit, name in _FINE.items()}
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
    suffix = _FINE.get(metric.unit)
    if metric.currency:
        return f"{value:,.0f} {metric.currency}"
    return f"{value:,.0f}" if suffix is None else f"{value:,.1f}{suffix}"


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


def trust(terms: Trust) -> str:
    """A trust score with the terms that it is the product of."""
    if terms.trust is None:
        return "is unknown: none of its feeds was ever delivered"
    shares = (
        (1 - (terms.fresh_share or 0), "of its sources are late"),
        (terms.quarantined_share or 0, "of its source records are quarantined"),
        (terms.suspense_share, "of the units moved went through suspense"),
        (terms.failed_check_share, "of its checks fail"),
    )
    lost = ", ".join(f"{100 * share:.2g} % {what}" for share, what in shares if share > 0)
    return f"{100 * terms.trust:.1f} %: {lost or 'nothing speaks against it'}"


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
