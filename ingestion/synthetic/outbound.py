"""Orders going out: reservation, picking with its mistakes, packing, the truck, the doorstep."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Flags, Ints
from ingestion.synthetic.demand import NEVER, REJECTED, expected_lines
from ingestion.synthetic.floor import BLOCK_DAYS, Floor
from ingestion.synthetic.lots import later_lots, oldest_first
from ingestion.synthetic.returns import Parcels, draw_returns
from ingestion.synthetic.stocktaking import INSTEAD, LEFT_BEHIND
from ingestion.synthetic.trade import NO_BUNDLE, site_shares
from ingestion.synthetic.world import Notebook, World, waterfall

_RETRY_DAYS = BLOCK_DAYS - 1
_WAVE_SECONDS = 10 * MINUTE
NOT_CANCELLED, BY_CUSTOMER, OUT_OF_STOCK, PAYMENT_FAILED, FRAUD_REJECTED = range(5)


@dataclass(frozen=True)
class _Picks:
    """One row per chunk: what was reserved, what was picked for it, what key it really was, and
    whether the picker overlooked goods that were there."""

    lines: Ints
    keys: Ints
    quantity: Ints
    picked: Ints
    taken: Ints
    cancelled: Flags
    overlooked: Flags


class Outbound:
    """The outbound flow of one simulation.

    A chunk is what one site reserves of one part of an order line on one day, and of one lot; a
    line that is served late, from two sites or from two lots has several.
    """

    def __init__(self, world: World, notebook: Notebook, rng: np.random.Generator) -> None:
        self.world, self.notebook, self.rng = world, notebook, rng
        self.released = world.orders.released_at[world.lines.order]
        self.waves = np.array([int(hour * HOUR) for hour in world.model.wave_hours])
        self.due = self._next_wave(self.released)
        self.by_release = np.argsort(self.released, kind="stable")
        days = world.clock.day_of(self.due[self.by_release])
        self.day_bounds = np.searchsorted(days, np.arange(world.clock.days + 1))
        self.open_lines = np.empty(0, dtype=np.int64)
        self.open_units = np.empty(0, dtype=np.int64)
        self.retries: dict[int, list[tuple[Ints, Ints]]] = defaultdict(list)
        self.cancelled_at = np.full(len(world.orders.placed_at), NEVER)
        self.cancel_reason = np.full(len(world.orders.placed_at), NOT_CANCELLED)
        self.last_served = np.full(len(world.orders.placed_at), -BLOCK_DAYS)
        self.patience = np.array([c.patience_days for c in world.model.channels])
        shares = site_shares(world.model)
        planned = expected_lines(world.model, world.scale, world.clock)
        planned += world.model.spare_staff * planned.mean()
        self.staffed = np.ceil(np.outer(planned, shares)).astype(np.int64)
        self._cancel_failed()

    def _next_wave(self, released: Ints) -> Ints:
        """The first wave after each line's release."""
        second = (released - self.world.clock.start) % DAY
        waves = np.append(self.waves, self.waves[0] + DAY)
        return released - second + waves[np.searchsorted(self.waves, second)]

    def _wave(self, lines: Ints, day: int) -> Ints:
        """The wave of `day` that considers each line first."""
        return np.maximum(self.due[lines], self.world.clock.day_start(day) + self.waves[0])

    def _cancel_failed(self) -> None:
        orders = self.world.orders
        fails = orders.released_at == NEVER
        self.cancelled_at[fails] = orders.held_until[fails]
        rejected = fails & (orders.fraud == REJECTED)
        self.cancel_reason[fails] = PAYMENT_FAILED
        self.cancel_reason[rejected] = FRAUD_REJECTED
        changed = orders.cancel_at < NEVER
        self.cancelled_at[changed] = orders.cancel_at[changed]
        self.cancel_reason[changed] = BY_CUSTOMER

    def backlog(self) -> Ints:
        """Open units by place, at the site that should have served them."""
        places = self._places(self.open_lines, self._home(self.open_lines))
        return np.bincount(places, self.open_units, self.world.places).astype(np.int64)

    def serve(self, floor: Floor, day: int) -> None:
        """Reserve and send out what the day's open lines can get, home site first."""
        self._give_up(day)
        self._queue(day)
        home, room = self._home(self.open_lines), self.staffed[day].copy()
        for turn in range(len(self.world.model.sites)):
            sites = (home + turn) % len(self.world.model.sites)
            self._reserve(floor, sites, room, day)
        waiting = self.open_units > 0
        order = self.world.lines.order[self.open_lines]
        waiting &= self.cancel_reason[order] != BY_CUSTOMER
        self.open_lines, self.open_units = self.open_lines[waiting], self.open_units[waiting]

    def _home(self, lines: Ints) -> Ints:
        return self.world.orders.site[self.world.lines.order[lines]]

    def _places(self, lines: Ints, sites: Ints) -> Ints:
        return self.world.place(sites, self.world.lines.sku[lines])

    def _whole(self, lines: Ints, full: Flags) -> Flags:
        """Which rows may go: all but those whose bundle has a part that is not `full`."""
        bundle = self.world.lines.bundle[lines]
        return ~np.isin(bundle, np.unique(bundle[~full & (bundle != NO_BUNDLE)]))

    def _queue(self, day: int) -> None:
        new = self.by_release[self.day_bounds[day] : self.day_bounds[day + 1]]
        again = self.retries.pop(day, [])
        self.open_lines = np.concatenate([self.open_lines, *(lines for lines, _ in again), new])
        self.open_units = np.concatenate(
            [self.open_units, *(units for _, units in again), self.world.lines.quantity[new]]
        )
        gone_at = self.cancelled_at[self.world.lines.order[self.open_lines]]
        kept = gone_at > self._wave(self.open_lines, day) + _WAVE_SECONDS
        self.open_lines, self.open_units = self.open_lines[kept], self.open_units[kept]

    def _give_up(self, day: int) -> None:
        orders, order = self.world.orders, self.world.lines.order[self.open_lines]
        waited = day - self.world.clock.day_of(orders.released_at[order])
        late = (waited > self.patience[orders.channel[order]]) & (
            self.last_served[order] <= day - BLOCK_DAYS
        )
        lost = np.unique(order[late])
        at = self.world.clock.day_start(day) + self.rng.integers(3 * HOUR, 9 * HOUR, len(lost))
        self.cancelled_at[lost], self.cancel_reason[lost] = at, OUT_OF_STOCK
        kept = self.cancelled_at[order] > self.world.clock.day_start(day)
        kept &= ~np.isin(order, lost)
        self.open_lines, self.open_units = self.open_lines[kept], self.open_units[kept]

    def _reserve(self, floor: Floor, sites: Ints, room: Ints, day: int) -> None:
        """Reserve at `sites` what is free there, for as many lines as each still has room for."""
        places, free = self._places(self.open_lines, sites), self.world.by_lot(floor.free)
        got = waterfall(places, self.open_units, np.maximum(free, 0).sum(axis=1))
        got *= self._whole(self.open_lines, got == self.open_units)
        got *= waterfall(sites, (got > 0).astype(np.int64), room)
        got *= self._whole(self.open_lines, got == self.open_units)
        served = np.flatnonzero(got > 0)
        room -= np.bincount(sites[served], minlength=len(room))
        if not len(served):
            return
        self.open_units[served] -= got[served]
        self.last_served[self.world.lines.order[self.open_lines[served]]] = day
        row, lots, quantity = oldest_first(free, places[served], got[served])
        places = places[served][row]
        lots = self._breach(free, places, lots, quantity)
        keys = places * self.world.lots + lots
        np.add.at(floor.free, keys, -quantity)
        self._pick(floor, self.open_lines[served][row], keys, quantity, day)

    def _breach(self, free: Ints, places: Ints, lots: Ints, quantity: Ints) -> Ints:
        """Let some reservations reach for a later lot; return the lot of each."""
        kept = self.world.model.lots
        if kept is None:
            return lots
        left = free.copy()
        np.add.at(left, (places, lots), -quantity)
        drawn = self.rng.random(len(places)) < kept.breach_rate
        return later_lots(left, places, lots, quantity, drawn)

    def _pick(self, floor: Floor, lines: Ints, keys: Ints, quantity: Ints, day: int) -> None:
        order = self.world.lines.order[lines]
        cancelled = self.cancel_reason[order] == BY_CUSTOMER
        misplaced = self.rng.random(len(lines)) < self.world.model.faults.misplaced
        picked = waterfall(keys, np.where(cancelled | misplaced, 0, quantity), floor.shelf)
        picked *= self._whole(lines, picked == quantity)
        overlooked = misplaced & ~cancelled & (floor.shelf[keys] >= quantity)
        np.add.at(floor.shelf, keys, -picked)
        short = ~cancelled & (picked < quantity)
        np.add.at(floor.held, keys[short], (quantity - picked)[short])
        floor.block(keys[short], day)
        self.retries[day + _RETRY_DAYS].append((lines[short], (quantity - picked)[short]))
        two_days = np.full(cancelled.sum(), day + 2)
        zeros = np.zeros(cancelled.sum(), dtype=np.int64)
        floor.expect(two_days, keys[cancelled], quantity[cancelled], zeros, zeros)
        taken = self._mistake(floor, keys, picked, day)
        sent = _Picks(lines, keys, quantity, picked, taken, cancelled, overlooked)
        self._send(floor, sent, day)

    def _mistake(self, floor: Floor, keys: Ints, picked: Ints, day: int) -> Ints:
        """Choose picks that take the look-alike; return the key each pick physically took."""
        place = self.world.place_of(keys)
        look_alike = self.world.catalogue.look_alike(self.world.sku_of(keys))
        beside = self.world.place(self.world.site_of(keys), look_alike)
        lot = np.argmax(self.world.by_lot(floor.shelf)[beside], axis=1)
        other = beside * self.world.lots + lot
        drawn = (self.rng.random(len(keys)) < self.world.model.faults.wrong_item) & (picked > 0)
        able = (floor.shelf[other] >= picked) & (floor.blocked_until[other] <= day)
        chosen = np.flatnonzero(drawn & able & (floor.blocked_until[keys] <= day) & (other != keys))
        _, first = np.unique(np.minimum(place, beside)[chosen], return_index=True)
        chosen = chosen[np.sort(first)]
        floor.shelf[keys[chosen]] += picked[chosen]
        floor.shelf[other[chosen]] -= picked[chosen]
        floor.deviation[keys[chosen]] += picked[chosen]
        floor.deviation[other[chosen]] -= picked[chosen]
        floor.block(keys[chosen], day)
        floor.block(other[chosen], day)
        taken = keys.copy()
        taken[chosen] = other[chosen]
        return taken

    def _send(self, floor: Floor, picks: _Picks, day: int) -> None:
        times = self._times(picks.lines, picks.keys, day)
        order = self.world.lines.order[picks.lines]
        freed = np.where(
            picks.cancelled, self.cancelled_at[order] + 5 * MINUTE, times["picked_at"] + 2 * MINUTE
        )
        chunks = self.notebook.write(
            "chunks", line=picks.lines, key=picks.keys, quantity=picks.quantity,
            picked=picks.picked, taken=picks.taken, cancelled=picks.cancelled.astype(np.int64),
            unreserved_at=freed, overlooked=picks.overlooked.astype(np.int64), **times,
        )  # fmt: skip
        wrong, sent = picks.taken != picks.keys, picks.picked > 0
        for affected, sign, cause in ((picks.keys, 1, LEFT_BEHIND), (picks.taken, -1, INSTEAD)):
            self.notebook.write(
                "deviations", key=affected[wrong], quantity=sign * picks.picked[wrong],
                cause=np.full(wrong.sum(), cause), from_at=times["shipped_at"][wrong],
                chunk=chunks[wrong],
            )  # fmt: skip
        parcels = Parcels(
            chunks[sent], picks.lines[sent], picks.taken[sent], picks.picked[sent],
            times["delivered_at"][sent], wrong[sent],
        )  # fmt: skip
        draw_returns(self.world, self.notebook, floor, parcels, self.rng)

    def _together(self, lines: Ints, values: Ints) -> Ints:
        """The greatest value of each row's bundle; rows without one keep theirs."""
        bundle = self.world.lines.bundle[lines]
        bound = np.flatnonzero(bundle != NO_BUNDLE)
        _, group = np.unique(bundle[bound], return_inverse=True)
        greatest = np.zeros(len(bound), dtype=np.int64)
        np.maximum.at(greatest, group, values[bound])
        together = values.copy()
        together[bound] = greatest[group]
        return together

    def _times(self, lines: Ints, keys: Ints, day: int) -> dict[str, Ints]:
        clock, rng, n = self.world.clock, self.rng, len(lines)
        sites = self.world.site_of(keys)
        reserved = self._wave(lines, day) + rng.integers(MINUTE, _WAVE_SECONDS, n)
        waited = np.minimum(rng.exponential(50 * MINUTE, n).astype(np.int64), 6 * HOUR)
        started = clock.work_at(reserved + 5 * MINUTE + waited, sites)
        started += rng.integers(0, 90 * MINUTE, n)
        picked = started + rng.integers(40, 6 * MINUTE, n)
        packed = picked + rng.integers(5 * MINUTE, 40 * MINUTE, n)
        shipped = clock.truck_at(packed + 5 * MINUTE, sites) + rng.integers(0, 9 * MINUTE, n)
        transit = rng.integers(1, 6, n) * DAY + rng.integers(-8 * HOUR, 3 * HOUR, n)
        shipped, transit = self._together(lines, shipped), self._together(lines, transit)
        return {
            "reserved_at": reserved, "started_at": started, "picked_at": picked,
            "packed_at": packed, "shipped_at": shipped, "delivered_at": shipped + transit,
        }  # fmt: skip
