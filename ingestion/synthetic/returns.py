"""What customers send back: reasons, three clocks, and returns nobody inspects."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Parcels:
    """What reached customers: one row per chunk; `taken` is the key physically sent, `wrong`
    whether that is not what was ordered."""

    chunk: Ints
    line: Ints
    taken: Ints
    units: Ints
    delivered_at: Ints
    wrong: Flags

    def only(self, chosen: Flags) -> "Parcels":
        """The chosen ones."""
        return Parcels(
            self.chunk[chosen], self.line[chosen], self.taken[chosen], self.units[chosen],
            self.delivered_at[chosen], self.wrong[chosen],
        )  # fmt: skip


def draw_returns(
    world: World, notebook: Notebook, floor: Floor, parcels: Parcels, rng: np.random.Generator
) -> None:
    """Draw which of the units sent come back, write them down, and expect restocked ones."""
    categories = world.catalogue.category[world.lines.sku[parcels.line]]
    rates = np.array([category.return_rate for category in world.model.categories])[categories]
    rates = np.where(parcels.wrong, _WRONG_ITEM_RETURN_RATE, rates)
    back = parcels.only(rng.random(len(rates)) < rates)
    n = len(back.chunk)
    quantity = np.where(back.wrong, back.units, np.minimum(back.units, rng.geometric(0.8, n)))
    reason = rng.choice(len(_REASON_WEIGHTS), n, p=_REASON_WEIGHTS)
    reason = np.where(back.wrong, WRONG_ITEM, reason)
    outcome = _outcomes(reason, rng)
    forgotten = (outcome == RESTOCKED) & ~back.wrong
    forgotten &= rng.random(n) < world.model.faults.return_not_restocked
    times = _times(world, back, forgotten, rng)
    notebook.write(
        "returns", chunk=back.chunk, line=back.line, key=back.taken, quantity=quantity,
        reason=reason, outcome=outcome, forgotten=forgotten.astype(np.int64), **times,
    )  # fmt: skip
    restocked = (outcome == RESTOCKED) & (times["disposed_at"] < NEVER)
    days = world.clock.day_of(times["disposed_at"][restocked]) + 1
    quantity = quantity[restocked]
    floor.expect(days, back.taken[restocked], quantity, quantity, np.zeros_like(quantity))


def _outcomes(reason: Ints, rng: np.random.Generator) -> Ints:
    cumulated = np.cumsum(np.asarray(_OUTCOMES_BY_REASON), axis=1)[reason]
    return np.minimum((rng.random(len(reason))[:, None] >= cumulated).sum(axis=1), SCRAPPED)


def _times(
    world: World, back: Parcels, forgotten: Flags, rng: np.random.Generator
) -> dict[str, Ints]:
    n, clock, sites = len(back.line), world.clock, world.site_of(back.taken)
    waited = np.minimum(rng.exponential(5 * DAY, n), 25 * DAY).astype(np.int64)
    requested = back.delivered_at + 6 * HOUR + waited
    shipped_back = requested + rng.integers(4 * HOUR, 2 * DAY, n)
    received = clock.work_at(shipped_back + rng.integers(2 * DAY, 7 * DAY, n), sites)
    inspected = clock.work_at(received + rng.integers(HOUR, 3 * DAY, n), sites)
    late = clock.work_at(received + rng.integers(18 * DAY, 45 * DAY, n), sites)
    late = np.where(rng.random(n) < _HEALED_SHARE, late, NEVER)
    inspected = np.where(forgotten, late, inspected)
    disposed = np.where(inspected == NEVER, NEVER, inspected + rng.integers(10 * MINUTE, HOUR, n))
    early = np.array([channel.refunds_before_receipt for channel in world.model.channels])
    early = early[world.orders.channel[world.lines.order[back.line]]] & ~forgotten
    refunded = np.where(early, shipped_back, received) + rng.integers(HOUR, 30 * HOUR, n)
    return {
        "requested_at": requested, "shipped_back_at": shipped_back, "received_at": received,
        "inspected_at": inspected, "disposed_at": disposed, "refunded_at": refunded,
    }  # fmt: skip
