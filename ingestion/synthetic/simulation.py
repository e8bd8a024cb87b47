"""The daily loop: what physically happens to every unit, and what the WMS books of it.

Each day opens with what arrived before it, withdraws expired and recalled lots, is counted before
work begins, serves orders, loses and breaks a little, reorders and rebalances. The result is a set
of tables of facts with instants; what each system reports of them, and when, is decided afterwards
in `systems`.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ingestion.synthetic.clock import Ints
from ingestion.synthetic.floor import empty_floor
from ingestion.synthetic.inbound import Inbound
from ingestion.synthetic.outbound import Outbound
from ingestion.synthetic.quality import Quality
from ingestion.synthetic.stocktaking import Stocktaking
from ingestion.synthetic.world import Columns, Notebook, World


@dataclass(frozen=True)
class History:
    """What happened: tables chunks, returns, po_lines, deliveries, transfers, adjustments, counts
    and deviations, when and why each order was cancelled (by order), and the recalled lot as
    (SKU, lot), where there is one."""

    world: World
    tables: MappingProxyType[str, Columns]
    cancelled_at: Ints
    cancel_reason: Ints
    recalled: tuple[int, int] | None

    def __getitem__(self, table: str) -> Columns:
        """One table by name."""
        return self.tables[table]


def simulate(world: World, seed: int) -> History:
    """Run every day of the world's clock."""
    notebook, floor = Notebook(), empty_floor(world.places, world.lots)
    stocktaking = Stocktaking(world, notebook, np.random.default_rng([seed, 3]))
    outbound = Outbound(world, notebook, np.random.default_rng([seed, 4]))
    inbound = Inbound(world, notebook, np.random.default_rng([seed, 5]))
    quality = Quality(world, notebook)
    inbound.open_stock(floor)
    for day in range(world.clock.days):
        recounts = floor.open_day(day)
        quality.withdraw(floor, day)
        stocktaking.count(floor, recounts, day)
        outbound.serve(floor, day)
        stocktaking.lose(floor, day)
        stocktaking.damage(floor, day)
        inbound.reorder(floor, outbound.backlog(), day)
        inbound.transfer(floor, day)
    return History(
        world, notebook.closed(), outbound.cancelled_at, outbound.cancel_reason, quality.recalled
    )
