"""Generate a business that never was: its systems' files, and the truth about what they got wrong.

A seeded simulation of an ecommerce company: customers order through channels, two fulfilment
centres reserve, pick, pack and ship, suppliers deliver late or in part, customers send goods back,
goods vanish and are found missing by counts. Shop, WMS and finance each report their own view of it
on their own clock and claim the stock their reports add up to. Faults are planted in those views;
a truth file outside the drop folder lists each with its cause and its effect in units.

The same scenario, scale, seed and end give byte-identical files.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import polars as pl
from numpy.random import default_rng

from ingestion.synthetic import event_rows, journal
from ingestion.synthetic.bad_rows import in_rolls, roll_truth, write_bad_rows
from ingestion.synthetic.claim_truth import (
    count_truth,
    system_claim_truth,
    write_claim_truth,
)
from ingestion.synthetic.claims import claim_stock
from ingestion.synthetic.clock import clock_until
from ingestion.synthetic.dispatch_rows import carrier_rows, shift_rows
from ingestion.synthetic.event_rows import RowMaker
from ingestion.synthetic.files import is_voluminous, slices, write_feed
from ingestion.synthetic.journal import Step
from ingestion.synthetic.lot_truth import write_lot_truth
from ingestion.synthetic.master_rows import master_feeds
from ingestion.synthetic.model import OperatingModel, scale_named, scaled
from ingestion.synthetic.order_rows import order_line_rows, order_rows, purchase_order_rows
from ingestion.synthetic.pick_truth import overlooked_truth
from ingestion.synthetic.scenarios import operating_model
from ingestion.synthetic.simulation import History, simulate
from ingestion.synthetic.stock_rows import claim_rows, count_rows
from ingestion.synthetic.systems import SHOP, Role, System, report
from ingestion.synthetic.truth import truth_directory, truth_rows, write_truth
from ingestion.synthetic.world import draw_world

_EVENT_FEEDS: tuple[tuple[str, tuple[Step, ...], RowMaker], ...] = (
    ("fulfilment_events", journal.OUTBOUND, event_rows.fulfilment_rows),
    ("receipts", journal.RECEIPTS, event_rows.receipt_rows),
    ("transfers", journal.TRANSFERS, event_rows.transfer_rows),
    ("returns", journal.RETURNS, event_rows.return_rows),
    ("adjustments", journal.ADJUSTMENTS, event_rows.adjustment_rows),
)


@dataclass(frozen=True)
class Generated:
    """What was written: feed files, rows by feed, and the truth file.

    `event_count` are the source events: all rows but master data and stock claims, which are
    observations.
    """

    files: tuple[Path, ...]
    rows: MappingProxyType[str, int]
    truth_path: Path
    event_count: int


class _Drop:
    """The drop folder being filled."""

    def __init__(self, native: Path) -> None:
        self.native = native
        self.files: list[Path] = []
        self.rows: Counter[str] = Counter()

    def write(self, system: str, feed: str, label: str, rows: pl.DataFrame, *, big: bool) -> None:
        path = write_feed(self.native / system, feed, label, rows, voluminous=big)
        self.files.append(path)
        self.rows[feed] += len(rows)

    def write_all(self, system: str, feed: str, rows: pl.DataFrame) -> None:
        big = is_voluminous(len(rows))
        for part in slices(rows, "seconds"):
            self.write(system, feed, part.label, part.rows.drop("seconds"), big=big)


def generate(
    out: Path,
    *,
    scenario: str | OperatingModel = "dtc",
    scale: str = "small",
    seed: int = 7,
    end_at: datetime,
    truth: Path | None = None,
) -> Generated:
    """Write everything the systems recorded up to `end_at` (UTC) below out/native/<system>/.

    `scenario` names an operating model, or is one, for instance with other fault rates. The truth
    file goes to the folder `truth`, by default a sibling of `out`, never inside it. Raises
    UnknownScenarioError, UnknownScaleError, TruthInsideDropError.
    """
    model = operating_model(scenario)
    size = scaled(scale_named(scale), model)
    truth_folder = truth_directory(out, truth)
    clock = clock_until(end_at, size.days, model.sites)
    history = simulate(draw_world(model, size, clock, seed), seed)
    happened = journal.write_journal(history)
    systems, faults = report(history, happened, seed)
    drop = _Drop(out / "native")
    _write_master(drop, history)
    master_count = drop.rows.total()
    _write_orders(drop, history)
    drop.write_all("carrier", "carrier_events", carrier_rows(history, default_rng([seed, 12])))
    drop.write_all("time_clock", "worker_shifts", shift_rows(history))
    causes: list[pl.DataFrame] = []
    for system in systems:
        _write_reports(drop, history, system)
        if system.role is Role.FLOOR:
            drop.write_all(system.name, "counts", count_rows(history, happened, system))
        claims = claim_stock(history.world, system)
        drop.write_all(system.name, "stock", claim_rows(history.world, system.name, claims))
        claims = claims.with_columns(system=pl.lit(system.name))
        causes.append(system_claim_truth(history.world, system, faults, claims))
    bad = pl.concat(
        [
            _write_bad(drop, history),
            *_write_rolls(drop, history, systems),
            overlooked_truth(history, systems),
        ],
        how="diagonal",
    )
    path = write_truth(truth_folder, truth_rows(history, faults, systems), bad)
    write_lot_truth(truth_folder, history, systems)
    write_claim_truth(truth_folder, history, causes, count_truth(history, faults))
    events = drop.rows.total() - drop.rows["stock"] - master_count
    return Generated(tuple(drop.files), MappingProxyType(dict(drop.rows)), path, events)


def _write_master(drop: _Drop, history: History) -> None:
    for feed, rows in master_feeds(history.world).items():
        drop.write("master", feed, "all", rows, big=False)


def _write_orders(drop: _Drop, history: History) -> None:
    drop.write_all(SHOP, "orders", order_rows(history))
    drop.write_all(SHOP, "order_lines", order_line_rows(history.world))
    drop.write_all("master", "purchase_orders", purchase_order_rows(history))


def _write_bad(drop: _Drop, history: History) -> pl.DataFrame:
    lines = order_line_rows(history.world).drop("seconds")
    path, truth = write_bad_rows(history.world, drop.native / SHOP, lines)
    drop.files.append(path)
    return truth


def _write_rolls(
    drop: _Drop, history: History, systems: Sequence[System]
) -> Iterable[pl.DataFrame]:
    """Rows of each feed with units whose eaches are not whole; yields the truth about them."""
    count, floor = history.world.model.faults.fractional_rows, systems[0]
    if not count:
        return
    received = floor.reports.filter(pl.col("step") == int(Step.RECEIVED)).head(count)
    for system, feed, rows in (
        (SHOP, "order_lines", order_line_rows(history.world)),
        ("master", "purchase_orders", purchase_order_rows(history)),
        (floor.name, "receipts", event_rows.receipt_rows(history, floor, received)),
    ):
        rolls = in_rolls(rows.drop("seconds", strict=False).head(count))
        drop.write(system, feed, "rolls", rolls, big=False)
        yield roll_truth(system, feed, rolls)


def _write_reports(drop: _Drop, history: History, system: System) -> None:
    for feed, steps, spelled in _feeds_of(system):
        rows = system.reports.filter(pl.col("step").is_in([int(step) for step in steps]))
        big = is_voluminous(len(rows))
        for part in slices(rows, "recorded_at"):
            drop.write(system.name, feed, part.label, spelled(history, system, part.rows),
                       big=big)  # fmt: skip


def _feeds_of(system: System) -> Iterable[tuple[str, tuple[Step, ...], RowMaker]]:
    if system.role is Role.FINANCE:
        return (("postings", tuple(Step), event_rows.posting_rows),)
    return _EVENT_FEEDS
