"""Lots: when each was made, when it expires, and who gets which.

A lot is one SKU's production of a period; the lots of a SKU are numbered by age, oldest first, so
that first expired, first out is the order of their numbers. Where nothing is kept by lot, each SKU
has exactly one, which never expires.
"""

from dataclasses import dataclass

import numpy as np

from ingestion.synthetic.catalogue import Catalogue
from ingestion.synthetic.clock import DAY, Clock, Flags, Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.model import Lots, Scale

_LOTS_ON_THE_WAY = 8  # production periods in a simulation, at most
_AGE_ON_ARRIVAL = (3 * DAY, 40 * DAY)


@dataclass(frozen=True)
class LotCalendar:
    """`made_on` by lot number and `expires_on` by (SKU, lot): midnights, in UTC epoch seconds."""

    made_on: Ints
    expires_on: Ints

    @property
    def count(self) -> int:
        """Lots per SKU."""
        return len(self.made_on)

    def delivered(self, arrived: Ints, rng: np.random.Generator) -> Ints:
        """Draw the lot of each delivery: rarely the newest that exists by then."""
        if self.count == 1:
            return np.zeros_like(arrived)
        made = arrived - rng.integers(*_AGE_ON_ARRIVAL, len(arrived))
        return np.maximum(np.searchsorted(self.made_on, made, side="right") - 1, 0)


def lot_calendar(
    lots: Lots | None, scale: Scale, clock: Clock, catalogue: Catalogue
) -> LotCalendar:
    """The lots of every SKU over the simulated time."""
    if lots is None:
        return LotCalendar(np.zeros(1, dtype=np.int64), np.full((catalogue.size, 1), NEVER))
    every = max(lots.every_days, -(-scale.days // _LOTS_ON_THE_WAY))
    first = clock.start // DAY - lots.opening * every
    made = (first + np.arange(lots.opening + -(-scale.days // every)) * every) * DAY
    return LotCalendar(made, made[None, :] + catalogue.shelf_life[:, None] * DAY)


def oldest_first(supply: Ints, places: Ints, wanted: Ints) -> tuple[Ints, Ints, Ints]:
    """Split what each row gets over the lots of its place: (row, lot, units), by row.

    `supply` is (place, lot). Rows of one place come first to last; what all of them want must be
    there.
    """
    if supply.shape[1] == 1:
        return np.arange(len(places)), np.zeros_like(places), wanted
    order = np.argsort(places, kind="stable")
    there, want = places[order], wanted[order]
    upto = np.cumsum(want)
    start = upto - want
    start -= start[np.searchsorted(there, there)]
    ends = np.cumsum(np.maximum(supply[there], 0), axis=1)
    begins = np.concatenate([np.zeros((len(ends), 1), dtype=np.int64), ends[:, :-1]], axis=1)
    overlap = np.minimum(ends, (start + want)[:, None]) - np.maximum(begins, start[:, None])
    units = np.empty_like(overlap)
    units[order] = np.maximum(overlap, 0)
    row, lot = np.nonzero(units)
    return row, lot, units[row, lot]


def later_lots(left: Ints, places: Ints, lots: Ints, units: Ints, drawn: Flags) -> Ints:
    """The lot each row takes when the `drawn` ones reach for the newest, at most one per place.

    `left` is (place, lot) after everybody took theirs; the newest must have all of the units.
    """
    enough = left[places] >= units[:, None]
    newest = enough.shape[1] - 1 - np.argmax(enough[:, ::-1], axis=1)
    able = np.flatnonzero(drawn & enough.any(axis=1) & (newest > lots))
    _, first = np.unique(places[able], return_index=True)
    taken = lots.copy()
    taken[able[first]] = newest[able[first]]
    return taken
