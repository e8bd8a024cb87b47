"""Goods coming in: weekly reorders, late and partial deliveries, rejects, transfers."""

import numpy as np

from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Ints, weekday
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.floor import Floor
from ingestion.synthetic.peak import held_back, stopped_suppliers
from ingestion.synthetic.world import Notebook, World

_COVER_DAYS, _LEAST_UNITS = 28, 5
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
            world.daily_units * _COVER_DAYS + _LEAST_UNITS
        ).astype(np.int64)
        self.stopped = stopped_suppliers(world.model, world.catalogue)[self.supplier]
        self.orders_placed = 0
        suppliers, days = world.scale.suppliers, world.clock.days
        hit = rng.random(suppliers) < world.model.disrupted_supplier_share
        self.disrupted_from = np.where(hit, rng.integers(0, days, suppliers), days)

    def open_stock(self, floor: Floor) -> None:
        """Book what lay on the shelves before the first day."""
        cover = self.rng.uniform(0.2, 1.2, self.world.keys) * (self.lead + 14)
        units = np.ceil(self.world.daily_units * cover).astype(np.int64) + self.rng.integers(
            1, 4, self.world.keys
        )
        floor.free += units
        floor.shelf += units
        at = np.full(self.world.keys, self.world.clock.start - HOUR)
        self.notebook.write(
            "adjustments", key=np.arange(self.world.keys), quantity=units, occurred_at=at,
            reason=np.zeros_like(units),
        )  # fmt: skip

    def reorder(self, floor: Floor, backlog: Ints, day: int) -> None:
        """Order up to target what fell to its reorder point and is due for review today."""
        start = self.world.clock.day_start(day)
        today = int(weekday(np.array([start]))[0])
        sites = np.arange(self.world.keys) // self.world.catalogue.size
        reviewed = (self.supplier + 3 * sites) % _REVIEW_WEEKDAYS == today
        position = floor.free + floor.held + floor.on_order - backlog
        keys = np.flatnonzero(reviewed & (position <= self.reorder_point))
        if not len(keys):
            return
        pack = self.case_pack[keys]
        missing = np.maximum(self.up_to[keys] - position[keys], 1)
        quantity = -(-missing // pack) * pack
        floor.on_order[keys] += quantity
        lines, ordered_at = self._write_orders(keys, quantity, start)
        self._deliver(floor, lines, keys, quantity, ordered_at)

    def _write_orders(self, keys: Ints, quantity: Ints, start: int) -> tuple[Ints, Ints]:
        sites = self.world.site_of(keys)
        groups = sites * self.world.scale.suppliers + self.supplier[keys]
        _, number = np.unique(groups, return_inverse=True)
        by_order = np.argsort(number, kind="stable")
        rank = np.empty_like(number)
        rank[by_order] = np.arange(len(keys)) - np.searchsorted(number[by_order], number[by_order])
        ordered_at = start + 6 * HOUR + number * 7 * MINUTE
        lines = self.notebook.write(
            "po_lines", po=self.orders_placed + number, line=rank + 1, key=keys, quantity=quantity,
            ordered_at=ordered_at, due_at=ordered_at + self.quoted[keys] * DAY,
        )  # fmt: skip
        self.orders_placed += int(number.max()) + 1
        return lines, ordered_at

    def _deliver(
        self, floor: Floor, lines: Ints, keys: Ints, quantity: Ints, ordered_at: Ints
    ) -> None:
        model, n = self.world.model, len(keys)
        lead = self.lead[keys] * self.rng.gamma(_LEAD_SHAPE, 1 / _LEAD_SHAPE, n) * DAY
        since = self.world.clock.day_of(ordered_at) - self.disrupted_from[self.supplier[keys]]
        lead *= np.where((since >= 0) & (since < _DISRUPTED_DAYS), _DISRUPTED_FACTOR, 1.0)
        arrives = ordered_at + np.maximum(lead, 2 * DAY).astype(np.int64)
        fate = self.rng.random(n)
        split = fate < model.split_delivery_rate
        short = (fate > 1 - model.short_delivery_rate) & (quantity > 1)
        part = self.rng.uniform(0.4, 0.85, n)
        first = np.where(split | short, np.maximum(quantity * part, 1), quantity).astype(np.int64)
        rest = np.where(split, quantity - first, 0)
        settled = np.where(split, first, quantity)
        self._unload(floor, lines, keys, first, settled, arrives)
        again = np.flatnonzero(rest > 0)
        later = arrives[again] + self.rng.integers(3 * DAY, 13 * DAY, len(again))
        self._unload(floor, lines[again], keys[again], rest[again], rest[again], later)

    def _unload(
        self, floor: Floor, lines: Ints, keys: Ints, quantity: Ints, settled: Ints, arrives: Ints
    ) -> None:
        clock, model, n = self.world.clock, self.world.model, len(keys)
        sites = self.world.site_of(keys)
        arrived = clock.work_at(held_back(model, clock, arrives, self.stopped[keys]), sites)
        received = arrived + self.rng.integers(20 * MINUTE, 3 * HOUR, n)
        refused = self.rng.random(n) < model.rejected_delivery_rate
        rejected = np.where(refused, np.maximum(quantity // 12, 1), 0)
        put_away = clock.work_at(received + self.rng.integers(40 * MINUTE, 14 * HOUR, n), sites)
        announced = self.rng.random(n) < model.announced_delivery_rate
        notice = self.rng.integers(DAY, 3 * DAY // 2, n)
        self.notebook.write(
            "deliveries", po_line=lines, key=keys, quantity=quantity, rejected=rejected,
            announced_at=np.where(announced, arrived - notice, NEVER), arrived_at=arrived,
            received_at=received, rejected_at=received + 20 * MINUTE, put_away_at=put_away,
        )  # fmt: skip
        stored = quantity - rejected
        floor.expect(clock.day_of(put_away) + 1, keys, stored, stored, settled)

    def transfer(self, floor: Floor, day: int) -> None:
        """Once a week, send stock from a site with plenty to one that runs dry."""
        world, start = self.world, self.world.clock.day_start(day)
        if int(weekday(np.array([start]))[0]) != _TRANSFER_WEEKDAY:
            return
        daily = world.daily_units.reshape(len(world.model.sites), -1)
        supply = (floor.free + floor.on_order).reshape(daily.shape)
        free, shelf = floor.free.reshape(daily.shape), floor.shelf.reshape(daily.shape)
        blocked = (floor.blocked_until > day).reshape(daily.shape)
        sku = np.arange(world.catalogue.size)
        needy = np.argmin(supply / (daily + 1e-9), axis=0)
        donor = np.argmax(free / (daily + 1e-9), axis=0)
        spare = np.minimum(free, shelf)[donor, sku] - np.ceil(daily[donor, sku] * 21).astype(int)
        wanted = np.ceil(daily[needy, sku] * 12).astype(np.int64) + 1
        quantity = np.minimum(np.maximum(spare, 0), wanted)
        runs_dry = supply[needy, sku] <= daily[needy, sku] * 5
        sent = (quantity > 0) & runs_dry & (needy != donor) & ~blocked[donor, sku]
        self._send(floor, sku[sent], donor[sent], needy[sent], quantity[sent], start)

    def _send(
        self, floor: Floor, sku: Ints, donor: Ints, needy: Ints, quantity: Ints, start: int
    ) -> None:
        clock, n = self.world.clock, len(sku)
        leaving = donor * self.world.catalogue.size + sku
        coming = needy * self.world.catalogue.size + sku
        floor.free[leaving] -= quantity
        floor.shelf[leaving] -= quantity
        floor.on_order[coming] += quantity
        shipped = clock.work_at(start + 7 * HOUR + self.rng.integers(0, 4 * HOUR, n), donor)
        received = clock.work_at(shipped + self.rng.integers(3 * DAY, 6 * DAY, n), needy)
        put_away = clock.work_at(received + self.rng.integers(40 * MINUTE, 5 * HOUR, n), needy)
        self.notebook.write(
            "transfers", sku=sku, donor=donor, needy=needy, quantity=quantity, shipped_at=shipped,
            received_at=received, put_away_at=put_away,
        )  # fmt: skip
        floor.expect(clock.day_of(put_away) + 1, coming, quantity, quantity, quantity)
