"""What one simulation is about, and the notebook it writes what happened into."""

from collections import defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from ingestion.synthetic.catalogue import Catalogue, draw_catalogue
from ingestion.synthetic.clock import Clock, Floats, Ints
from ingestion.synthetic.demand import Lines, Orders, draw_demand
from ingestion.synthetic.model import OperatingModel, Scale

Columns = MappingProxyType[str, Ints]


@dataclass(frozen=True)
class World:
    """Everything fixed before the first day: model, assortment, demand, clock.

    A (site, SKU) pair is one integer `key` = site * SKUs + SKU throughout the simulation.
    """

    model: OperatingModel
    scale: Scale
    clock: Clock
    catalogue: Catalogue
    orders: Orders
    lines: Lines

    @property
    def keys(self) -> int:
        """How many (site, SKU) pairs."""
        return len(self.model.sites) * self.catalogue.size

    @property
    def daily_units(self) -> Floats:
        """Expected demand by key, units a day."""
        shares = np.array([site.share for site in self.model.sites])
        return np.outer(shares, self.catalogue.daily_units).ravel()

    def site_of(self, keys: Ints) -> Ints:
        """The site of each key."""
        return keys // self.catalogue.size

    def sku_of(self, keys: Ints) -> Ints:
        """The SKU of each key."""
        return keys % self.catalogue.size


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
    orders, lines = draw_demand(model, scale, catalogue, clock, np.random.default_rng([seed, 2]))
    return World(model, scale, clock, catalogue, orders, lines)


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
