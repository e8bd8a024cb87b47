"""Goods coming in: weekly reorders, late and partial deliveries, rejects, transfers."""

import numpy as np

from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Ints, weekday
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.floor import Floor
from ingestion.synthetic.lots import oldest_first
from ingestion.synthetic.peak import held_back, stopped_suppliers
from ingestion.synthetic.stocktaking import OPENING
from ingestion.synthetic.world import Notebook, World

_LEAST_UNITS = 5
_LEAD_SHAPE = 6.0
_DISRUPTED_DAYS, _DISRUPTED_FACTOR = 40, 2.5
_TRANSFER_WEEKDAY = 2
_REVIEW_WEEKDAYS = 6


class Inbound:
    """Purchasing and transfers of one simulation."""

    def __init__(self, world: World, notebook: Notebook, rng: np.random.Generator) -> None:
        self.world, self.notebook, self.rng = world, notebook, rng
        sites = len(world.model.sites)
        self.supplier = np.tile(world.catalogue.supplier, sites)
        self.case_pack = np.tile(world.catalogue.case_pack, sites)
        self.lead = np.tile(world.catalogue.lead_days, sites)
        self.quoted = np.tile(world.catalogue.quoted_days, sites)
        protected = world.daily_units * (self.lead + 7)
        safety = world.model.safety_factor * np.sqrt(protected)
        self.reorder_point = np.ceil(protected + safety).astype(np.int64)
        self.up_to = self.reorder_point + np.ceil(
            world.daily_units * world.model.cover_days + _LEAST_UNITS
        ).astype(np.int64)
        self.stopped = stopped_suppliers(world.model, world.catalogue)[self.supplier]
        self.orders_placed = 0
        suppliers, days = world.scale.suppliers, world.clock.days
        hit = rng.random(suppliers) < world.model.disrupted_supplier_share
        self.disrupted_from = np.where(hit, rng.integers(0, days, suppliers), days)

    def open_stock(self, floor: Floor) -> None:
        """Book what lay on the shelves before the first day."""
        world, lots = self.world, self.world.model.lots
        cover = self.rng.uniform(0.2, 1.2, world.places) * (self.lead + 14)
        units = np.ceil(world.daily_units * cover).astype(np.int64) + self.rng.integers(
            1, 4, world.places
        )
        keys = np.arange(world.places) * world.lots
        keys += self.rng.integers(0, lots.opening, world.places) if lots else 0
        floor.free[keys] += units
        floor.shelf[keys] += units
        at = np.full(world.places, world.clock.start - HOUR)
        self.notebook.write(
            "adjustments", key=keys, quantity=units, occurred_at=at,
            reason=np.full(world.places, OPENING),
        )  # fmt: skip

    def reorder(self, floor: Floor, backlog: Ints, day: int) -> None:
        """Order up to target what fell to its reorder point and is due for review today."""
        start = self.world.clock.day_start(day)
        today = int(weekday(np.array([start]))[0])
        sites = np.arange(self.world.places) // self.world.catalogue.size
        reviewed = (self.supplier + 3 * sites) % _REVIEW_WEEKDAYS == today
        position = self.world.by_place(floor.free + floor.held) + floor.on_order - backlog
        places = np.flatnonzero(reviewed & (position <= self.reorder_point))
        if not len(places):
            return
        pack = self.case_pack[places]
        missing = np.maximum(self.up_to[places] - position[places], 1)
        quantity = -(-missing // pack) * pack
        floor.on_order[places] += quantity
        lines, ordered_at = self._write_orders(places, quantity, start)
        self._deliver(floor, lines, places, quantity, ordered_at)

    def _write_orders(self, places: Ints, quantity: Ints, start: int) -> tuple[Ints, Ints]:
        sites = places // self.world.catalogue.size
        groups = sites * self.world.scale.suppliers + self.supplier[places]
        _, number = np.unique(groups, return_inverse=True)
        by_order = np.argsort(number, kind="stable")
        rank = np.empty_like(number)
        rank[by_order] = np.arange(len(places)) - np.searchsorted(
            number[by_order], number[by_order]
        )
        ordered_at = start + 6 * HOUR + number * 7 * MINUTE
        lines = self.notebook.write(
            "po_lines", po=self.orders_placed + number, line=rank + 1,
            key=places * self.world.lots, quantity=quantity, ordered_at=ordered_at,
            due_at=ordered_at + self.quoted[places] * DAY,
        )  # fmt: skip
        self.orders_placed += int(number.max()) + 1
        return lines, ordered_at

    def _deliver(
        self, floor: Floor, lines: Ints, places: Ints, quantity: Ints, ordered_at: Ints
    ) -> None:
        model, n = self.world.model, len(places)
        lead = self.lead[places] * self.rng.gamma(_LEAD_SHAPE, 1 / _LEAD_SHAPE, n) * DAY
        since = self.world.clock.day_of(ordered_at) - self.disrupted_from[self.supplier[places]]
        lead *= np.where((since >= 0) & (since < _DISRUPTED_DAYS), _DISRUPTED_FACTOR, 1.0)
        arrives = ordered_at + np.maximum(lead, 2 * DAY).astype(np.int64)
        fate = self.rng.random(n)
        split = fate < model.split_delivery_rate
        short = (fate > 1 - model.short_delivery_rate) & (quantity > 1)
        part = self.rng.uniform(0.4, 0.85, n)
        first = np.where(split | short, np.maximum(quantity * part, 1), quantity).astype(np.int64)
        rest = np.where(split, quantity - first, 0)
        settled = np.where(split, first, quantity)
        self._unload(floor, lines, places, first, settled, arrives)
        again = np.flatnonzero(rest > 0)
        later = arrives[again] + self.rng.integers(3 * DAY, 13 * DAY, len(again))
        self._unload(floor, lines[again], places[again], rest[again], rest[again], later)

    def _unload(
        self, floor: Floor, lines: Ints, places: Ints, quantity: Ints, settled: Ints, arrives: Ints
    ) -> None:
        clock, model, n = self.world.clock, self.world.model, len(places)
        sites = places // self.world.catalogue.size
        arrived = clock.work_at(held_back(model, clock, arrives, self.stopped[places]), sites)
        received = arrived + self.rng.integers(20 * MINUTE, 3 * HOUR, n)
        refused = self.rng.random(n) < model.rejected_delivery_rate
        rejected = np.where(refused, np.maximum(quantity // 12, 1), 0)
        put_away = clock.work_at(received + self.rng.integers(40 * MINUTE, 14 * HOUR, n), sites)
        announced = self.rng.random(n) < model.announced_delivery_rate
        notice = self.rng.integers(DAY, 3 * DAY // 2, n)
        keys = places * self.world.lots + self.world.calendar.delivered(arrived, self.rng)
        held_at, sellable_at = self._inspect(put_away, sites)
        self.notebook.write(
            "deliveries", po_line=lines, key=keys, quantity=quantity, rejected=rejected,
            announced_at=np.where(announced, arrived - notice, NEVER), arrived_at=arrived,
            received_at=received, rejected_at=received + 20 * MINUTE, put_away_at=put_away,
            quarantined_at=held_at, released_at=np.where(held_at < NEVER, sellable_at, NEVER),
        )  # fmt: skip
        stored = quantity - rejected
        passed = sellable_at < NEVER
        floor.expect(
            clock.day_of(np.where(passed, sellable_at, put_away)) + 1, keys,
            np.where(passed, stored, 0), np.where(passed, stored, 0), settled,
        )  # fmt: skip

    def _inspect(self, put_away: Ints, sites: Ints) -> tuple[Ints, Ints]:
        """When goods are held back for inspection, and when they may be sold (NEVER: not)."""
        lots, n = self.world.model.lots, len(put_away)
        if lots is None:
            return np.full(n, NEVER), put_away
        shortest, longest = lots.inspection_hours
        waits = self.rng.integers(shortest * HOUR, longest * HOUR, n)
        released = self.world.clock.work_at(put_away + waits, sites)
        failed = self.rng.random(n) < lots.failed_rate
        return put_away + 2 * MINUTE, np.where(failed, NEVER, released)

    def transfer(self, floor: Floor, day: int) -> None:
        """Once a week, send stock from a site with plenty to one that runs dry."""
        world, start = self.world, self.world.clock.day_start(day)
        if int(weekday(np.array([start]))[0]) != _TRANSFER_WEEKDAY:
            return
        daily = world.daily_units.reshape(len(world.model.sites), -1)
        free = world.by_place(floor.free).reshape(daily.shape)
        supply = free + floor.on_order.reshape(daily.shape)
        there = world.by_place(np.minimum(floor.free, floor.shelf)).reshape(daily.shape)
        blocked = (world.by_lot(floor.blocked_until).max(axis=1) > day).reshape(daily.shape)
        sku = np.arange(world.catalogue.size)
        needy = np.argmin(supply / (daily + 1e-9), axis=0)
        donor = np.argmax(free / (daily + 1e-9), axis=0)
        spare = there[donor, sku] - np.ceil(daily[donor, sku] * 21).astype(int)
        wanted = np.ceil(daily[needy, sku] * 12).astype(np.int64) + 1
        quantity = np.minimum(np.maximum(spare, 0), wanted)
        runs_dry = supply[needy, sku] <= daily[needy, sku] * 5
        sent = (quantity > 0) & runs_dry & (needy != donor) & ~blocked[donor, sku]
        self._send(floor, sku[sent], donor[sent], needy[sent], quantity[sent], start)

    def _send(
        self, floor: Floor, sku: Ints, donor: Ints, needy: Ints, quantity: Ints, start: int
    ) -> None:
        clock, world = self.world.clock, self.world
        floor.on_order[world.place(needy, sku)] += quantity
        places = world.place(donor, sku)
        supply = world.by_lot(np.minimum(floor.free, floor.shelf))
        row, lot, quantity = oldest_first(supply, places, quantity)
        sku, donor, needy, n = sku[row], donor[row], needy[row], len(row)
        leaving = world.place(donor, sku) * world.lots + lot
        coming = world.place(needy, sku) * world.lots + lot
        floor.free[leaving] -= quantity
        floor.shelf[leaving] -= quantity
        shipped = clock.work_at(start + 7 * HOUR + self.rng.integers(0, 4 * HOUR, n), donor)
        received = clock.work_at(shipped + self.rng.integers(3 * DAY, 6 * DAY, n), needy)
        put_away = clock.work_at(received + self.rng.integers(40 * MINUTE, 5 * HOUR, n), needy)
        self.notebook.write(
            "transfers", donor=donor, needy=needy, leaving=leaving, coming=coming,
            quantity=quantity, shipped_at=shipped, received_at=received, put_away_at=put_away,
        )  # fmt: skip
        floor.expect(clock.day_of(put_away) + 1, coming, quantity, quantity, quantity)
