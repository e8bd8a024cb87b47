"""Faults planted in what a system reports of the journal: lost, late, twice, or as something else.

Which fault strikes which reports of which system is a table; a report is struck at most once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
import polars as pl

from ingestion.synthetic.clock import DAY, HOUR, MINUTE, Flags
from ingestion.synthetic.faults import TRUTH_SCHEMA, struck_truth
from ingestion.synthetic.journal import Step
from ingestion.synthetic.model import FaultRates
from ingestion.synthetic.world import World

_DELAYS = {"shop": (10 * HOUR, 3 * DAY), "finance": (3 * DAY, 12 * DAY)}


class Blow(Enum):
    """What becomes of a report that is struck."""

    LOST = auto()
    LATE = auto()
    TWICE = auto()
    IN_CASES = auto()  # whole cases, counted as eaches
    LOOK_ALIKE = auto()  # booked on the SKU it is mistaken for
    ELSEWHERE = auto()  # booked at the next site


@dataclass(frozen=True)
class Fault:
    """A cause: how it strikes, how often, and which steps (none named: whatever moves stock)."""

    cause: str
    blow: Blow
    rate: Callable[[FaultRates], float]
    steps: tuple[Step, ...] = ()


_TRANSFERS = (Step.TRANSFER_SHIPPED, Step.TRANSFER_RECEIVED, Step.TRANSFER_PUT_AWAY)
_SPOILT = (Step.BROKEN, Step.EXPIRED, Step.RECALLED, Step.QUARANTINED)
_SHOP = (
    Fault("missing_receipt", Blow.LOST, lambda r: r.missing_receipt, (Step.PUT_AWAY,)),
    Fault("missing_return", Blow.LOST, lambda r: r.missing_return, (Step.RETURN_RESTOCKED,)),
    Fault("missing_transfer", Blow.LOST, lambda r: r.missing_transfer, _TRANSFERS),
    Fault("missing_adjustment", Blow.LOST, lambda r: r.missing_adjustment, (Step.CORRECTED,)),
    Fault("condition_mismatch", Blow.LOST, lambda r: r.condition_mismatch, _SPOILT),
    Fault(
        "return_restocked_twice", Blow.TWICE, lambda r: r.return_restocked_twice,
        (Step.RETURN_RESTOCKED,),
    ),
    Fault("unit_conversion", Blow.IN_CASES, lambda r: r.unit_conversion, (Step.PUT_AWAY,)),
    Fault("wrong_item", Blow.LOOK_ALIKE, lambda r: r.misbooked_item, (Step.PUT_AWAY,)),
    Fault(
        "wrong_location", Blow.ELSEWHERE, lambda r: r.misbooked_location,
        (Step.PUT_AWAY, Step.RETURN_RESTOCKED),
    ),
    Fault("sync_delay", Blow.LATE, lambda r: r.sync_delay),
    Fault("duplicate_event", Blow.TWICE, lambda r: r.duplicate_event),
)  # fmt: skip
_FINANCE = (
    Fault("missing_receipt", Blow.LOST, lambda r: r.missing_receipt, (Step.RECEIVED,)),
    Fault("missing_shipment", Blow.LOST, lambda r: r.missing_shipment, (Step.SHIPPED,)),
    Fault("missing_return", Blow.LOST, lambda r: r.missing_return, (Step.RETURN_RECEIVED,)),
    Fault("missing_transfer", Blow.LOST, lambda r: r.missing_transfer, _TRANSFERS),
    Fault(
        "missing_adjustment", Blow.LOST, lambda r: r.missing_adjustment,
        (Step.CORRECTED, Step.DISCARDED),
    ),
    Fault("unit_conversion", Blow.IN_CASES, lambda r: r.unit_conversion, (Step.RECEIVED,)),
    Fault(
        "wrong_item", Blow.LOOK_ALIKE, lambda r: r.misbooked_item,
        (Step.RECEIVED, Step.RETURN_RECEIVED),
    ),
    Fault("sync_delay", Blow.LATE, lambda r: r.sync_delay),
    Fault("duplicate_event", Blow.TWICE, lambda r: r.duplicate_event),
)  # fmt: skip
_FAULTS = {"shop": _SHOP, "finance": _FINANCE}


@dataclass(frozen=True)
class Planted:
    """A system's reports with its faults in them, the truth rows of those faults, and the reports
    as they would have been of all that are neither lost nor late."""

    reports: pl.DataFrame
    truth: pl.DataFrame
    on_time: pl.DataFrame


def plant_in_reports(
    world: World, reports: pl.DataFrame, system: str, effect: str, next_number: int,
    rng: np.random.Generator,
) -> Planted:  # fmt: skip
    """Let the faults of a system strike some of the reports that change `effect`.

    `reports` has journal columns plus recorded_at and event (the report's number); repetitions
    are numbered from `next_number` on.
    """
    untouched = reports[effect].to_numpy() != 0
    untouched &= reports["step"].to_numpy() != Step.OPENED
    gone = np.zeros(len(reports), dtype=np.bool_)
    changed: list[pl.DataFrame] = []
    truth = [pl.DataFrame(schema=TRUTH_SCHEMA)]
    late, repeated = gone.copy(), 0
    for fault in _FAULTS[system]:
        struck = untouched & _able(world, reports, system, fault)
        struck &= rng.random(len(reports)) < fault.rate(world.model.faults)
        untouched &= ~struck
        before = reports.filter(struck)
        after = _after(world, before, fault.blow, system, next_number + repeated, rng)
        changed.append(after)
        truth.append(_truth(fault, system, effect, before, after))
        if fault.blow is Blow.TWICE:
            repeated += len(after)
        else:
            gone |= struck
        late |= struck & (fault.blow in {Blow.LOST, Blow.LATE})
    return Planted(
        pl.concat([reports.filter(~gone), *changed]), pl.concat(truth), reports.filter(~late)
    )


def _able(world: World, reports: pl.DataFrame, system: str, fault: Fault) -> Flags:
    able = np.ones(len(reports), dtype=np.bool_)
    if fault.steps:
        able &= reports["step"].is_in([int(step) for step in fault.steps]).to_numpy()
    elif fault.blow is Blow.TWICE:
        # what is told twice under a name of its own is no other duplicate
        named = [int(step) for f in _FAULTS[system] if f.blow is Blow.TWICE for step in f.steps]
        able &= ~reports["step"].is_in(named).to_numpy()
    if fault.blow is Blow.IN_CASES:
        pack = world.catalogue.case_pack[world.sku_of(reports["key"].to_numpy())]
        able &= (pack > 1) & (reports["quantity"].to_numpy() % pack == 0)
    if fault.blow is Blow.LATE:
        # a delay is one only where the report comes in the end; until then it might as well be lost
        last = world.clock.end - _DELAYS[system][1]
        able &= reports["recorded_at"].to_numpy() <= last
    if fault.blow is Blow.ELSEWHERE:
        able &= len(world.model.sites) > 1
    return able


def _after(
    world: World, struck: pl.DataFrame, blow: Blow, system: str, number: int,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """What the system reports instead of, or besides, the reports that were struck."""
    key = struck["key"].to_numpy().astype(np.int64)
    if blow is Blow.LOST:
        return struck.clear()
    if blow is Blow.LATE:
        waits = rng.integers(*_DELAYS[system], len(struck))
        return struck.with_columns(recorded_at=pl.col("recorded_at") + pl.Series(waits))
    if blow is Blow.TWICE:
        waits = rng.integers(5 * MINUTE, 2 * DAY, len(struck))
        return struck.with_columns(
            recorded_at=pl.col("recorded_at") + pl.Series(waits),
            event=pl.int_range(number, number + len(struck), dtype=pl.Int64),
        )
    if blow is Blow.IN_CASES:
        pack = pl.Series(world.catalogue.case_pack[world.sku_of(key)]).cast(pl.Int32)
        return struck.with_columns(pl.col("quantity", "on_hand", "available") // pack)
    sku, site, lot = world.sku_of(key), world.site_of(key), world.lot_of(key)
    if blow is Blow.LOOK_ALIKE:
        place = world.place(site, world.catalogue.look_alike(sku))
    else:
        place = world.place((site + 1) % len(world.model.sites), sku)
    return struck.with_columns(key=pl.Series(place * world.lots + lot, dtype=pl.Int32))


def _truth(
    fault: Fault, system: str, effect: str, before: pl.DataFrame, after: pl.DataFrame
) -> pl.DataFrame:
    """The truth about struck reports: what they should have been, and what they were instead.

    A report that is lost or late is missing from the instant it is about; anything else is wrong
    from the instant it is recorded.
    """
    instead = struck_truth(fault.cause, system, after, effect, 1)
    if fault.blow is Blow.TWICE:
        return instead
    due = struck_truth(fault.cause, system, before, effect, -1)
    if fault.blow is Blow.LOST:
        return due.with_columns(from_at=before["at"])
    if fault.blow is Blow.LATE:
        return due.with_columns(from_at=before["at"], to_at=after["recorded_at"])
    if fault.blow is Blow.IN_CASES:
        return due.with_columns(quantity=due["quantity"] + instead["quantity"])
    return pl.concat([due, instead])
