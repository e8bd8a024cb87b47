"""Lots that may no longer be sold: they expire, or one is recalled."""

import numpy as np

from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Flags, Ints
from ingestion.synthetic.floor import Floor
from ingestion.synthetic.stocktaking import EXPIRED, RECALLED, SCRAPPED
from ingestion.synthetic.world import Notebook, World


class Quality:
    """Expiry and the recall of one simulation."""

    def __init__(self, world: World, notebook: Notebook) -> None:
        self.world, self.notebook = world, notebook
        self.recalled: tuple[int, int] | None = None
        self.expires_on = np.tile(world.calendar.expires_on.ravel(), len(world.model.sites))

    def withdraw(self, floor: Floor, day: int) -> None:
        """Before work begins, take off sale what nobody may sell any more and is really there."""
        lots = self.world.model.lots
        if lots is None:
            return
        start = self.world.clock.day_start(day)
        expired = self._take(floor, self.expires_on <= start)
        self._book(expired, EXPIRED, start + 2 * MINUTE)
        scrapped_at = start + lots.scrapped_after_days * DAY + 6 * HOUR
        self._book(expired, SCRAPPED, scrapped_at)
        if day >= int(lots.recalled_after * self.world.clock.days):
            recalled = self._take(floor, self._recalled(floor))
            self._book(recalled, RECALLED, start + 4 * MINUTE)

    def _recalled(self, floor: Floor) -> Flags:
        """Where the recalled lot lies: the one most was picked of that is still at every site."""
        size, lots = self.world.catalogue.size, self.world.lots
        if self.recalled is None:
            there = np.minimum(floor.free, floor.shelf).reshape(-1, size * lots)
            picked = np.zeros(size * lots, dtype=np.int64)
            for page in self.notebook.pages["chunks"]:
                np.add.at(picked, page["key"] % (size * lots), page["picked"])
            worst = int(np.argmax(np.where((there > 0).all(axis=0), picked + 1, 0)))
            self.recalled = (worst // lots, worst % lots)
        sku, lot = self.recalled
        found = np.zeros((len(self.world.model.sites), size, lots), dtype=np.bool_)
        found[:, sku, lot] = True
        return found.ravel()

    def _take(self, floor: Floor, struck: Flags) -> tuple[Ints, Ints]:
        there = np.minimum(floor.free, floor.shelf)
        keys = np.flatnonzero(struck & (there > 0))
        floor.free[keys] -= there[keys]
        floor.shelf[keys] -= there[keys]
        return keys, there[keys]

    def _book(self, taken: tuple[Ints, Ints], reason: int, at: int) -> None:
        keys, quantity = taken
        self.notebook.write(
            "adjustments", key=keys, quantity=quantity, occurred_at=np.full(len(keys), at),
            reason=np.full(len(keys), reason),
        )  # fmt: skip
