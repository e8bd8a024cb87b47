"""What one simulation is about, and the notebook it writes what happened into."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import polars as pl

from ingestion.synthetic.catalogue import Catalogue, draw_catalogue
from ingestion.synthetic.clock import Clock, Floats, Ints
from ingestion.synthetic.demand import Orders, draw_demand
from ingestion.synthetic.kits import KitRange, draw_kits
from ingestion.synthetic.lots import LotCalendar, lot_calendar
from ingestion.synthetic.model import OperatingModel, Scale
from ingestion.synthetic.trade import (
    OrderLines,
    Parts,
    daily_units,
    order_lines,
    parts_of,
    site_shares,
    trade_customers,
    whole_orders,
)

Columns = MappingProxyType[str, Ints]
_CASE_SUPPLIERS = 3


@dataclass(frozen=True)
class World:
    """Everything fixed before the first day: model, assortment, demand, clock.

    A (site, SKU) is one integer `place` = site * SKUs + SKU throughout the simulation, and a
    (site, SKU, lot) one integer `key` = place * lots + lot. Without lots a key is its place.
    `lines` are the parts that can be picked; `daily_units` is the expected demand by place.
    """

    model: OperatingModel
    scale: Scale
    clock: Clock
    catalogue: Catalogue
    kits: KitRange
    calendar: LotCalendar
    orders: Orders
    order_lines: OrderLines
    lines: Parts
    daily_units: Floats

    @cached_property
    def product_codes(self) -> pl.Series:
        """The code of each product (see `product_of`)."""
        aliases = (f"ALT-{sku}" for sku in self.catalogue.codes)
        return pl.Series([*self.catalogue.codes, *self.kits.codes, *aliases])

    @property
    def lots(self) -> int:
        """Lots per SKU."""
        return self.calendar.count

    @property
    def places(self) -> int:
        """How many (site, SKU) pairs."""
        return len(self.model.sites) * self.catalogue.size

    @property
    def keys(self) -> int:
        """How many (site, SKU, lot) triples."""
        return self.places * self.lots

    def place(self, sites: Ints, skus: Ints) -> Ints:
        """The place of each SKU at each site."""
        return sites * self.catalogue.size + skus

    def product_place(self, sites: Ints, products: Ints) -> Ints:
        """The place of each product at each site; those of kits and aliases lie beyond."""
        size, kits = self.catalogue.size, self.kits.size
        beyond = np.searchsorted((size, size + kits), products, side="right")
        number = products - np.array([0, size, size + kits])[beyond]
        return self.place(sites, number) + np.array([0, 2, 1])[beyond] * self.places

    def place_of(self, keys: Ints) -> Ints:
        """The place of each key."""
        return keys // self.lots

    def lot_of(self, keys: Ints) -> Ints:
        """The lot of each key."""
        return keys % self.lots

    def site_of(self, keys: Ints) -> Ints:
        """The site of each key, or of a key beyond (see `renaming`)."""
        return self.place_of(keys) % self.places // self.catalogue.size

    def product_of(self, keys: Ints) -> Ints:
        """What each key is stock of: its SKU or, beyond the world's keys, an alias or a kit.

        Products are numbered: first the SKUs, then the kits, then each SKU's alias.
        """
        sku, size = self.sku_of(keys), self.catalogue.size
        return sku + np.array([0, size + self.kits.size, size])[keys // self.keys]

    def sku_of(self, keys: Ints) -> Ints:
        """The SKU of each key."""
        return self.place_of(keys) % self.catalogue.size

    def buying_pack(self, skus: Ints) -> Ints:
        """The eaches in one unit that each SKU is bought in: every third supplier sells cases."""
        in_cases = self.catalogue.supplier[skus] % _CASE_SUPPLIERS == 0
        return np.where(in_cases, self.catalogue.case_pack[skus], 1)

    def by_lot(self, stock: Ints) -> Ints:
        """Stock by key as a view by (place, lot)."""
        return stock.reshape(self.places, self.lots)

    def by_place(self, stock: Ints) -> Ints:
        """Stock by key, summed over lots."""
        return self.by_lot(stock).sum(axis=1)


@dataclass
class Notebook:
    """Tables that grow day by day; a table's row number is its rows' identity."""

    pages: dict[str, list[dict[str, Ints]]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def write(self, table: str, **columns: Ints) -> Ints:
        """Append rows to a table and return their row numbers."""
        count = len(next(iter(columns.values())))
        numbers = self.sizes[table] + np.arange(count)
        self.pages[table].append(columns)
        self.sizes[table] += count
        return numbers

    def closed(self) -> MappingProxyType[str, Columns]:
        """Every table, its columns joined up."""
        return MappingProxyType(
            {
                table: MappingProxyType(
                    {name: np.concatenate([page[name] for page in pages]) for name in pages[0]}
                )
                for table, pages in self.pages.items()
            }
        )


def draw_world(model: OperatingModel, scale: Scale, clock: Clock, seed: int) -> World:
    """Draw assortment and demand; each part has its own stream of random numbers."""
    catalogue = draw_catalogue(model, scale, np.random.default_rng([seed, 1]))
    orders, drawn = draw_demand(model, scale, catalogue, clock, np.random.default_rng([seed, 2]))
    rng = np.random.default_rng([seed, 10])
    kits = draw_kits(model.kits, catalogue, clock, rng)
    trade_customers(model, orders.channel, orders.customer, orders.tier, rng)
    orders = replace(orders, ship_complete=whole_orders(model, orders, rng).astype(np.int64))
    ordered = order_lines(model, catalogue, kits, orders, drawn, rng)
    expected = np.outer(site_shares(model), daily_units(model, scale, catalogue, kits)).ravel()
    return World(
        model, scale, clock, catalogue, kits, lot_calendar(model.lots, scale, clock, catalogue),
        orders, ordered, parts_of(catalogue, kits, orders, ordered), expected,
    )  # fmt: skip


def waterfall(keys: Ints, wanted: Ints, supply: Ints) -> Ints:
    """Give each row what is left of its key's supply, first come first served."""
    order = np.argsort(keys, kind="stable")
    sorted_keys, sorted_wanted = keys[order], wanted[order]
    before = np.cumsum(sorted_wanted) - sorted_wanted
    first = np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1]))[: len(keys)]
    before -= np.maximum.accumulate(np.where(first, before, 0))
    given = np.empty_like(wanted)
    given[order] = np.clip(supply[sorted_keys] - before, 0, sorted_wanted)
    return given
