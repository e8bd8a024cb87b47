"""Stock on the floor as the simulation keeps it: what the WMS books and what is really there."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from ingestion.synthetic.clock import Ints

BLOCK_DAYS = 5  # longer than any reservation needs to leave the building


@dataclass(frozen=True)
class Arrival:
    """Units that orders may take from a day on; `ordered` leaves the open purchases of `places`."""

    keys: Ints
    places: Ints
    free: Ints
    shelf: Ints
    ordered: Ints


@dataclass
class Floor:
    """Running stock by key (site, SKU and lot), open purchases by place (site and SKU).

    `free` is booked as available and offered to orders, `held` booked as available but known to
    be missing, `shelf` physically there and not yet taken, `deviation` physical minus booked.
    Whatever comes in on one day is offered from the next, so that no event ever precedes the one
    that made it possible. A key with `blocked_until` in the future is not counted.
    """

    free: Ints
    held: Ints
    shelf: Ints
    deviation: Ints
    blocked_until: Ints
    on_order: Ints
    lots: int
    arrivals: dict[int, list[Arrival]] = field(default_factory=lambda: defaultdict(list))

    def expect(self, days: Ints, keys: Ints, free: Ints, shelf: Ints, ordered: Ints) -> None:
        """Schedule units to become takeable at the start of each row's day."""
        for day in np.unique(days):
            at = days == day
            arrival = Arrival(keys[at], keys[at] // self.lots, free[at], shelf[at], ordered[at])
            self.arrivals[int(day)].append(arrival)

    def open_day(self, day: int) -> Ints:
        """Take in what arrived before `day`; return the keys now due a recount."""
        for arrival in self.arrivals.pop(day, []):
            np.add.at(self.free, arrival.keys, arrival.free)
            np.add.at(self.shelf, arrival.keys, arrival.shelf)
            np.add.at(self.on_order, arrival.places, -arrival.ordered)
        due = np.flatnonzero((self.blocked_until == day) & (self.held > 0))
        self.free[due] += self.held[due]
        self.held[due] = 0
        return due

    def block(self, keys: Ints, day: int) -> None:
        """Keep keys from being counted until their outbound units have left."""
        self.blocked_until[keys] = day + BLOCK_DAYS

    def settle(self, keys: Ints, day: int) -> Ints:
        """Bring the book of distinct keys to what is there; return the differences booked."""
        found = self.deviation[keys].copy()
        self.deviation[keys] = 0
        self.free[keys] += np.minimum(found, 0)
        gains = np.maximum(found, 0)
        zeros = np.zeros_like(gains)
        tomorrow = np.full(len(keys), day + 1)
        self.expect(tomorrow[gains > 0], keys[gains > 0], gains[gains > 0],
                    zeros[gains > 0], zeros[gains > 0])  # fmt: skip
        return found


def empty_floor(places: int, lots: int) -> Floor:
    """A floor with nothing on it."""

    def nothing() -> Ints:
        return np.zeros(places * lots, dtype=np.int64)

    on_order = np.zeros(places, dtype=np.int64)
    return Floor(nothing(), nothing(), nothing(), nothing(), nothing(), on_order, lots)
