"""Loss, damage, and the counts that find what is really there."""

import numpy as np

from ingestion.synthetic.clock import HOUR, MINUTE, Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.floor import Floor
from ingestion.synthetic.world import Notebook, World

OPENING, CORRECTION, DAMAGED, EXPIRED, RECALLED, SCRAPPED = range(6)
SHRINKAGE, INSTEAD, LEFT_BEHIND = 0, 1, 2
CYCLE, RECOUNT, BLIND_RECOUNT = 0, 1, 2
_LEFT_UNVERIFIED = 2  # ABC class
_COUNTERS = 6
_UNDECIDED_DAYS = 21  # before the end: losses found in them wait for somebody's decision
_MONTH_DAYS = 30


class Stocktaking:
    """Counts, shrinkage and damage of one simulation."""

    def __init__(self, world: World, notebook: Notebook, rng: np.random.Generator) -> None:
        self.world, self.notebook, self.rng = world, notebook, rng
        periods = np.asarray(world.model.count_period_days)
        self.period = np.tile(periods[world.catalogue.abc], len(world.model.sites))
        self.phase = rng.integers(0, self.period)  # by place, as the period

    def count(self, floor: Floor, recounts: Ints, day: int) -> None:
        """Count what is due today before work begins, and book the differences found."""
        due = np.repeat((day + self.phase) % self.period == 0, self.world.lots)
        if self.world.lots > 1:
            due &= (floor.free + floor.held + floor.shelf > 0) | (floor.deviation != 0)
        method = np.full(self.world.keys, CYCLE)
        due[recounts], method[recounts] = True, RECOUNT
        keys = np.flatnonzero(due & (floor.blocked_until <= day))
        start = self.world.clock.day_start(day)
        counted_at = start + 10 * MINUTE + self.rng.integers(0, 30 * MINUTE, len(keys))
        found = floor.deviation[keys].copy()
        decided = (found >= 0) | (day < self.world.clock.days - _UNDECIDED_DAYS)
        floor.settle(keys[decided], day)
        counter = self.rng.integers(0, _COUNTERS, len(keys))
        adjusted_at = counted_at + self.rng.integers(20 * MINUTE, HOUR, len(keys))
        adjusted_at[~decided] = NEVER
        self.notebook.write(
            "counts", key=keys, counted_at=counted_at, adjusted_at=adjusted_at, difference=found,
            method=method[keys], counter=counter,
        )  # fmt: skip
        wrong = found != 0
        again = wrong & (decided | (keys % 2 == 0))
        self._verify(keys[again], counted_at[again], adjusted_at[again], found[again],
                     counter[again])  # fmt: skip
        wrong &= decided
        self.notebook.write(
            "adjustments", key=keys[wrong], quantity=found[wrong],
            occurred_at=adjusted_at[wrong], reason=np.full(wrong.sum(), CORRECTION),
        )  # fmt: skip

    def _verify(
        self, keys: Ints, counted_at: Ints, adjusted_at: Ints, found: Ints, counter: Ints
    ) -> None:
        """Let another one count A and B items again before the book is corrected."""
        again = self.world.catalogue.abc[self.world.sku_of(keys)] < _LEFT_UNVERIFIED
        keys = keys[again]
        self.notebook.write(
            "counts", key=keys, counted_at=counted_at[again] + (8 + keys % 10) * MINUTE,
            adjusted_at=adjusted_at[again], difference=found[again],
            method=np.full(len(keys), BLIND_RECOUNT),
            counter=(counter[again] + 1 + keys % (_COUNTERS - 1)) % _COUNTERS,
        )  # fmt: skip

    def lose(self, floor: Floor, day: int) -> None:
        """Let units disappear without anybody noticing."""
        rate = self.world.model.faults.shrinkage / _MONTH_DAYS
        keys = self._strike(floor, rate)
        lost = np.minimum(self.rng.geometric(0.6, len(keys)), floor.shelf[keys])
        floor.shelf[keys] -= lost
        floor.deviation[keys] -= lost
        start = self.world.clock.day_start(day)
        self.notebook.write(
            "deviations", key=keys, quantity=-lost, cause=np.full(len(keys), SHRINKAGE),
            from_at=start + self.rng.integers(3 * HOUR, 20 * HOUR, len(keys)),
            chunk=np.full(len(keys), -1),
        )  # fmt: skip

    def damage(self, floor: Floor, day: int) -> None:
        """Let units break, and somebody write it down."""
        keys = self._strike(floor, self.world.model.damage_rate / _MONTH_DAYS)
        broken = np.ones(len(keys), dtype=np.int64)
        floor.shelf[keys] -= broken
        floor.free[keys] -= broken
        start = self.world.clock.day_start(day) + 5 * HOUR
        at = start + self.rng.integers(0, 9 * HOUR, len(keys))
        self.notebook.write(
            "adjustments", key=keys, quantity=broken, reason=np.full(len(keys), DAMAGED),
            occurred_at=self.world.clock.work_at(at, self.world.site_of(keys)),
        )  # fmt: skip

    def _strike(self, floor: Floor, rate: float) -> Ints:
        places = np.flatnonzero(self.rng.random(self.world.places) < rate)
        able = self.world.by_lot(np.minimum(floor.shelf, floor.free))[places] > 0
        lots = np.argmax(able, axis=1)
        return (places * self.world.lots + lots)[able.any(axis=1)]
