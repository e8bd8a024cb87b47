"""Customers: when they order what through which channel, and what holds an order back."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from ingestion.synthetic.catalogue import Catalogue
from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Clock, Floats, Ints, weekday
from ingestion.synthetic.model import OperatingModel, Scale
from ingestion.synthetic.peak import featured_skus, promoted_part, promotion_start

# Orders by hour from 09:00 UTC on, which is early morning in America.
_HOURLY = (1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 8, 9, 9, 8, 6, 4, 2, 1, 1, 1)
NEVER = 2**62

PAID, PENDING, FAILED = 0, 1, 2
CLEARED, REVIEWED, REJECTED = 0, 1, 2
_REGULAR_TIER_SHARE, _TIERS = 0.7, 3
_DISCOUNTED_SHARE = 0.1


@dataclass(frozen=True)
class Orders:
    """Arrays with one element per order, by placed_at. `released_at` ends every hold (NEVER: it
    fails); `cancel_at` is when the customer changes their mind (NEVER: does not)."""

    placed_at: Ints
    channel: Ints
    site: Ints
    customer: Ints
    tier: Ints
    postcode: Ints
    payment: Ints
    fraud: Ints
    held_until: Ints
    released_at: Ints
    cancel_at: Ints
    promised_at: Ints
    ship_complete: Ints


@dataclass(frozen=True)
class Lines:
    """Arrays with one element per drawn line, by order: some units of a SKU; money in cents."""

    order: Ints
    number: Ints
    sku: Ints
    quantity: Ints
    discount: Ints


def draw_demand(
    model: OperatingModel, scale: Scale, catalogue: Catalogue, clock: Clock,
    rng: np.random.Generator,
) -> tuple[Orders, Lines]:  # fmt: skip
    """Draw every order up to the clock's end, with weekly, yearly and per-category seasons."""
    placed = _placed(model, scale, clock, rng)
    sizes = rng.choice(len(model.lines_per_order), len(placed), p=model.lines_per_order) + 1
    lines = _lines(model, catalogue, clock, placed, sizes, rng)
    return _orders(model, clock, placed, lines, rng), lines


def expected_lines(model: OperatingModel, scale: Scale, clock: Clock) -> Floats:
    """The lines each simulated day is planned for: seasons, but no promotion."""
    noons = clock.start + np.arange(scale.days) * DAY + 8 * HOUR
    weights = np.asarray(model.weekday_weights)[weekday(noons)] * _yearly(noons)
    return weights / weights.sum() * scale.lines


def _placed(model: OperatingModel, scale: Scale, clock: Clock, rng: np.random.Generator) -> Ints:
    mean_lines = 1 + float(np.dot(np.arange(len(model.lines_per_order)), model.lines_per_order))
    weights = expected_lines(model, scale, clock) * rng.lognormal(0, 0.12, scale.days)
    weights += model.promotion.uplift * weights.mean() * promoted_part(model, clock)
    counts = rng.poisson(weights / weights.sum() * scale.lines / mean_lines)
    hourly = np.asarray(_HOURLY) / sum(_HOURLY)
    day = np.repeat(np.arange(scale.days), counts)
    hour = rng.choice(24, len(day), p=hourly)
    placed = clock.start + day * DAY + hour * HOUR + rng.integers(0, HOUR, len(day))
    placed.sort()
    return placed[placed <= clock.end]


def _yearly(times: Ints) -> Floats:
    """The holiday peak: demand doubles around the end of November."""
    day_of_year = np.array([datetime.fromtimestamp(int(t), UTC).timetuple().tm_yday for t in times])
    return 1 + np.exp(-(((day_of_year - 332) / 14.0) ** 2)) + 0.1 * np.sin(day_of_year / 58.1)


def _lines(
    model: OperatingModel, catalogue: Catalogue, clock: Clock, placed: Ints, sizes: Ints,
    rng: np.random.Generator,
) -> Lines:  # fmt: skip
    order = np.repeat(np.arange(len(placed)), sizes)
    sku = _skus(model, catalogue, placed[order], rng)
    featured = featured_skus(model, catalogue)
    advertised = rng.random(len(order)) < model.promotion.featured_line_share
    advertised &= (placed[order] >= promotion_start(model, clock)) & (len(featured) > 0)
    sku[advertised] = rng.choice(featured, advertised.sum()) if advertised.any() else sku[:0]
    _, first = np.unique(order * catalogue.size + sku, return_index=True)
    first.sort()
    order, sku = order[first], sku[first]
    quantity = rng.choice(len(model.units_per_line), len(order), p=model.units_per_line) + 1
    starts = np.searchsorted(order, order)
    discounted = rng.random(len(order)) < _DISCOUNTED_SHARE
    discount = np.where(discounted, catalogue.price[sku] * quantity // 10, 0)
    return Lines(order, np.arange(len(order)) - starts + 1, sku, quantity, discount)


def _skus(
    model: OperatingModel, catalogue: Catalogue, times: Ints, rng: np.random.Generator
) -> Ints:
    months = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    peaks = np.array([category.peak_month for category in model.categories])
    amplitudes = np.array([category.amplitude for category in model.categories])
    drawn = rng.random(len(times))
    skus = np.empty(len(times), dtype=np.int64)
    for month in np.unique(months):
        season = 1 + amplitudes * np.cos((month % 12 + 1 - peaks) * np.pi / 6)
        cumulated = np.cumsum(catalogue.popularity * season[catalogue.category])
        chosen = months == month
        skus[chosen] = np.searchsorted(cumulated, drawn[chosen] * cumulated[-1], side="right")
    return np.minimum(skus, catalogue.size - 1)


def _orders(
    model: OperatingModel, clock: Clock, placed: Ints, lines: Lines, rng: np.random.Generator
) -> Orders:
    n = len(placed)
    channel = rng.choice(len(model.channels), n, p=[c.share for c in model.channels])
    site = _sites(model, channel, rng)
    prefix = np.array([s.postcode_prefix for s in model.sites])[site]
    payment, fraud, held_until = _holds(model, placed, rng)
    fails = (payment == FAILED) | (fraud == REJECTED)
    released = np.where(fails, NEVER, held_until + rng.integers(MINUTE, 10 * MINUTE, n))
    changes_mind = (rng.random(n) < model.customer_cancel_rate) & ~fails
    later = np.where(fails, 0, released) + rng.integers(20 * MINUTE, 3 * HOUR, n)
    single = np.bincount(lines.order, minlength=n) == 1
    return Orders(
        placed_at=placed,
        channel=channel,
        site=site,
        customer=rng.zipf(1.6, n) % max(n // 3, 1),
        tier=np.where(rng.random(n) < _REGULAR_TIER_SHARE, 0, rng.integers(1, _TIERS, n)),
        postcode=prefix * 10_000 + rng.integers(0, 10_000, n),
        payment=payment,
        fraud=fraud,
        held_until=held_until,
        released_at=released,
        cancel_at=np.where(changes_mind, later, NEVER),
        promised_at=_promised(model, clock, placed, channel, site),
        ship_complete=((rng.random(n) < model.ship_complete_rate) & single).astype(np.int64),
    )


def _sites(model: OperatingModel, channel: Ints, rng: np.random.Generator) -> Ints:
    near = rng.choice(len(model.sites), len(channel), p=[s.share for s in model.sites])
    ids = [site.location_id for site in model.sites]
    sent = [ids.index(c.fulfilled_by) if c.fulfilled_by else -1 for c in model.channels]
    return np.where(np.array(sent)[channel] >= 0, np.array(sent)[channel], near)


def _holds(
    model: OperatingModel, placed: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    n = len(placed)
    pay, check = rng.random(n), rng.random(n)
    payment = np.where(pay < model.pending_payment_rate, PENDING, PAID)
    payment = np.where(pay < model.failed_payment_rate, FAILED, payment)
    fraud = np.where(check < model.fraud_review_rate, REVIEWED, CLEARED)
    fraud = np.where(check < model.fraud_rejected_rate, REJECTED, fraud)
    waits = np.where(payment == PENDING, rng.integers(HOUR, 30 * HOUR, n), 0)
    waits = np.where(payment == FAILED, 3 * DAY, waits)
    reviews = np.where(fraud != CLEARED, rng.integers(2 * HOUR, 40 * HOUR, n), 0)
    return payment, fraud, placed + np.maximum(waits, reviews)


def _promised(model: OperatingModel, clock: Clock, placed: Ints, channel: Ints, site: Ints) -> Ints:
    cut_off = np.array([s.cut_off_hour for s in model.sites])[site] * HOUR
    second = clock.local(placed, site) % DAY
    counted_from = placed + np.where(second >= cut_off, DAY + 6 * HOUR - second, 0)
    return counted_from + np.array([c.sla_hours for c in model.channels])[channel] * HOUR
