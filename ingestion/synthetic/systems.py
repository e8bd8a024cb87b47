"""What each system reports of the journal, and when: three clocks, three sets of faults.

The system of a floor owns what happens to goods there and knows within minutes. The shop owns what
customers do and hears of the floor with a delay. Finance posts whatever changed the stock on hand
by midnight UTC, in a nightly run. Each system claims the stock that its own reports add up to,
overrides and glitches, nothing else.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl

from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Ints
from ingestion.synthetic.faults import (
    KINDS,
    TRUTH_SCHEMA,
    deviation_truth,
    early_restock_truth,
    plant_glitches,
    plant_overrides,
)
from ingestion.synthetic.journal import SCHEMA, Step
from ingestion.synthetic.model import OperatingModel
from ingestion.synthetic.planting import Planted, plant_in_reports
from ingestion.synthetic.renaming import rename_reports
from ingestion.synthetic.simulation import History

SHOP, FINANCE = "shop", "finance"
SHOP_OWNED = (Step.RETURN_REQUESTED, Step.RETURN_SHIPPED, Step.RETURN_REFUNDED)
_SHOP_HEARS = (
    *SHOP_OWNED, Step.RESERVED, Step.UNRESERVED, Step.SHIPPED, Step.PUT_AWAY,
    Step.TRANSFER_SHIPPED, Step.TRANSFER_PUT_AWAY, Step.OPENED, Step.CORRECTED, Step.BROKEN,
    Step.EXPIRED, Step.RECALLED, Step.QUARANTINED, Step.RELEASED,
)  # fmt: skip
_POSTING_HOUR = 6  # UTC


class Role(StrEnum):
    """What a system is for: a floor's owns what happens to goods at its sites."""

    FLOOR = "floor"
    SHOP = "shop"
    FINANCE = "finance"


@dataclass(frozen=True)
class System:
    """A system's reports up to the clock's end: journal columns, recorded_at and event (its own
    number of the report); its overrides and glitches (truth rows); the sites it keeps stock of;
    and, up to the end and beyond, the reports as they should be of all that are neither lost nor
    late."""

    name: str
    role: Role
    sites: tuple[int, ...]
    reports: pl.DataFrame
    overrides: pl.DataFrame
    on_time: pl.DataFrame


def floors(model: OperatingModel) -> dict[str, tuple[int, ...]]:
    """The sites that each floor system runs, by its name."""
    names = dict.fromkeys(site.system for site in model.sites)
    return {
        name: tuple(n for n, site in enumerate(model.sites) if site.system == name)
        for name in names
    }


def report(history: History, journal: pl.DataFrame, seed: int) -> tuple[list[System], pl.DataFrame]:
    """Let every system report the journal; return the systems and the truth about their faults."""
    floor = _floor_reports(journal, np.random.default_rng([seed, 6]))
    shop = _shop_reports(history, journal, np.random.default_rng([seed, 7]))
    finance = _finance_reports(history, journal, np.random.default_rng([seed, 8]))
    everywhere = tuple(range(len(history.world.model.sites)))
    sites = history.world.site_of(floor["key"].to_numpy())
    (first, own), *others = floors(history.world.model).items()
    known = (
        (first, Role.FLOOR, own, _honest(floor.filter(np.isin(sites, own)))),
        (SHOP, Role.SHOP, everywhere, shop),
        (FINANCE, Role.FINANCE, everywhere, finance),
        *(
            (name, Role.FLOOR, own, _honest(floor.filter(np.isin(sites, own))))
            for name, own in others
        ),
    )
    systems = [
        _system(history, *facts, np.random.default_rng([seed, 9, number]))
        for number, facts in enumerate(known)
    ]
    overrides = [system.overrides for system in systems]
    truth = pl.concat([deviation_truth(history), shop.truth, finance.truth, *overrides])
    return systems, truth.filter(pl.col("from_at") <= history.world.clock.end)


def _system(
    history: History, name: str, role: Role, sites: tuple[int, ...], planted: Planted,
    rng: np.random.Generator,
) -> System:  # fmt: skip
    effect = "available" if role is Role.SHOP else "on_hand"
    known = planted.reports.filter(pl.col("recorded_at") <= history.world.clock.end)
    stock = known.filter(pl.col(effect) != 0).select("key", "recorded_at", effect=pl.col(effect))
    overrides = plant_overrides(name, KINDS[role], sites, stock, history, rng)
    glitches = plant_glitches(name, KINDS[role], sites, history, rng)
    silent = pl.concat([overrides, glitches])
    return System(name, role, sites, known, silent, planted.on_time)


def _honest(reports: pl.DataFrame) -> Planted:
    """Reports without a fault in them."""
    return Planted(reports, pl.DataFrame(schema=TRUTH_SCHEMA), reports)


def _numbered(reports: pl.DataFrame, recorded_at: Ints) -> pl.DataFrame:
    return reports.with_columns(
        recorded_at=pl.Series(recorded_at, dtype=pl.Int64),
        event=pl.int_range(len(reports), dtype=pl.Int64),
    )


def _floor_reports(journal: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    known = journal.filter(~pl.col("step").is_in([int(step) for step in SHOP_OWNED]))
    lag = 4 + np.minimum(rng.exponential(35, len(known)), 8 * MINUTE).astype(np.int64)
    return _numbered(known, known["at"].to_numpy() + lag)


def _shop_reports(history: History, journal: pl.DataFrame, rng: np.random.Generator) -> Planted:
    heard = journal.filter(pl.col("step").is_in([int(step) for step in _SHOP_HEARS]))
    early = _early_restocks(history, rng)
    restocked = journal.filter(
        (pl.col("step") == int(Step.RETURN_RESTOCKED))
        & ~pl.col("row").is_in(early["row"].implode())
    )
    known = pl.concat([heard, restocked, early])
    lag = 30 + np.minimum(rng.exponential(8 * MINUTE, len(known)), 3 * HOUR).astype(np.int64)
    own = known["step"].is_in([int(step) for step in SHOP_OWNED]).to_numpy()
    numbered = _numbered(known, known["at"].to_numpy() + np.where(own, 2, lag))
    early = numbered.tail(len(early))
    sound = numbered.head(len(numbered) - len(early))
    planted = _faulty(history, sound, SHOP, "available", len(numbered), rng)
    truth = pl.concat([planted.truth, early_restock_truth(early, history)])
    return Planted(pl.concat([planted.reports, early]), truth, planted.on_time)


def _faulty(
    history: History, reports: pl.DataFrame, system: str, effect: str, next_number: int,
    rng: np.random.Generator,
) -> Planted:  # fmt: skip
    """Reports with every fault of their system in them."""
    own, renamed = rename_reports(history, reports, system, effect, rng)
    planted = plant_in_reports(history.world, own, system, effect, next_number, rng)
    return Planted(
        pl.concat([planted.reports, renamed.reports]), pl.concat([planted.truth, renamed.truth]),
        pl.concat([planted.on_time, renamed.on_time]),
    )  # fmt: skip


def _early_restocks(history: History, rng: np.random.Generator) -> pl.DataFrame:
    """What the shop put back on sale an hour after the refund, though nobody inspected it.

    Some had not even arrived: the customer was refunded for sending them.
    """
    returns = history["returns"]
    ahead = (returns["refunded_at"] + 5 * HOUR < returns["received_at"]) & (
        rng.random(len(returns["key"])) < history.world.model.faults.restocked_without_receipt
    )
    rows = np.flatnonzero((returns["forgotten"] == 1) | ahead)
    units = returns["quantity"][rows]
    columns = {
        "step": np.full(len(rows), Step.RETURN_RESTOCKED), "row": rows,
        "key": returns["key"][rows], "quantity": units, "at": returns["refunded_at"][rows] + HOUR,
        "on_hand": np.zeros_like(units), "available": units,
    }  # fmt: skip
    return pl.DataFrame(columns, schema=SCHEMA)


def _finance_reports(history: History, journal: pl.DataFrame, rng: np.random.Generator) -> Planted:
    known = journal.filter(pl.col("on_hand") != 0)
    at = known["at"].to_numpy()
    run = (at // DAY + 1) * DAY + _POSTING_HOUR * HOUR
    numbered = _numbered(known, run + rng.integers(0, 40 * MINUTE, len(known)))
    return _faulty(history, numbered, FINANCE, "on_hand", len(numbered), rng)
