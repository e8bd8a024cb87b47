"""What customers send back: reasons, three clocks, and returns nobody inspects."""

import numpy as np

from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Flags, Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.floor import Floor
from ingestion.synthetic.world import Notebook, World

REASONS = ("changed_mind", "does_not_fit", "defective", "damaged_in_transit", "wrong_item")
_REASON_WEIGHTS = (0.42, 0.28, 0.2, 0.1)
WRONG_ITEM = len(REASONS) - 1
RESTOCKED, DAMAGED, QUARANTINED, SCRAPPED = range(4)
_OUTCOMES_BY_REASON = (
    (0.94, 0.02, 0.03, 0.01),
    (0.93, 0.03, 0.03, 0.01),
    (0.30, 0.35, 0.15, 0.20),
    (0.15, 0.50, 0.10, 0.25),
    (0.97, 0.01, 0.01, 0.01),
)
_WRONG_ITEM_RETURN_RATE = 0.6
_HEALED_SHARE = 0.5

# chunk, line, physically sent key, units, delivered_at, whether the wrong item was sent
Sent = tuple[Ints, Ints, Ints, Ints, Ints, Flags]


def draw_returns(
    world: World, notebook: Notebook, floor: Floor, rng: np.random.Generator, sent: Sent
) -> None:
    """Draw which of the units sent come back, write them down, and expect restocked ones."""
    _, line, taken, _, _, wrong = sent
    categories = world.catalogue.category[world.lines.sku[line]]
    rates = np.array([category.return_rate for category in world.model.categories])[categories]
    back = rng.random(len(taken)) < np.where(wrong, _WRONG_ITEM_RETURN_RATE, rates)
    chunk, line, taken, units, delivered, wrong = (values[back] for values in sent)
    n = len(taken)
    quantity = np.where(wrong, units, np.minimum(units, rng.geometric(0.8, n)))
    reason = rng.choice(len(_REASON_WEIGHTS), n, p=_REASON_WEIGHTS)
    reason = np.where(wrong, WRONG_ITEM, reason)
    outcome = _outcomes(reason, rng)
    forgotten = (outcome == RESTOCKED) & ~wrong
    forgotten &= rng.random(n) < world.model.faults.return_not_restocked
    times = _times(world, line, taken, delivered, forgotten, rng)
    notebook.write(
        "returns", chunk=chunk, line=line, key=taken, quantity=quantity, reason=reason,
        outcome=outcome, forgotten=forgotten.astype(np.int64), **times,
    )  # fmt: skip
    restocked = (outcome == RESTOCKED) & (times["disposed_at"] < NEVER)
    days = world.clock.day_of(times["disposed_at"][restocked]) + 1
    quantity = quantity[restocked]
    floor.expect(days, taken[restocked], quantity, quantity, np.zeros_like(quantity))


def _outcomes(reason: Ints, rng: np.random.Generator) -> Ints:
    cumulated = np.cumsum(np.asarray(_OUTCOMES_BY_REASON), axis=1)[reason]
    return np.minimum((rng.random(len(reason))[:, None] >= cumulated).sum(axis=1), SCRAPPED)


def _times(
    world: World, line: Ints, taken: Ints, delivered: Ints, forgotten: Flags,
    rng: np.random.Generator,
) -> dict[str, Ints]:  # fmt: skip
    n, clock, sites = len(line), world.clock, world.site_of(taken)
    requested = delivered + 6 * HOUR + np.minimum(rng.exponential(5 * DAY, n), 25 * DAY).astype(int)
    shipped_back = requested + rng.integers(4 * HOUR, 2 * DAY, n)
    received = clock.work_at(shipped_back + rng.integers(2 * DAY, 7 * DAY, n), sites)
    inspected = clock.work_at(received + rng.integers(HOUR, 3 * DAY, n), sites)
    late = clock.work_at(received + rng.integers(18 * DAY, 45 * DAY, n), sites)
    late = np.where(rng.random(n) < _HEALED_SHARE, late, NEVER)
    inspected = np.where(forgotten, late, inspected)
    disposed = np.where(inspected == NEVER, NEVER, inspected + rng.integers(10 * MINUTE, HOUR, n))
    early = np.array([channel.refunds_before_receipt for channel in world.model.channels])
    early = early[world.orders.channel[world.lines.order[line]]] & ~forgotten
    refunded = np.where(early, shipped_back, received) + rng.integers(HOUR, 30 * HOUR, n)
    return {
        "requested_at": requested, "shipped_back_at": shipped_back, "received_at": received,
        "inspected_at": inspected, "disposed_at": disposed, "refunded_at": refunded,
    }  # fmt: skip
