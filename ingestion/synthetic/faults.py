"""What goes wrong in a system's knowledge, and the truth about it.

Causes carry the names of the reconciliation's cause list. A fault's quantity is its signed effect
on the claims of its system and quantity kind while it lasts: claimed minus ledger. For shrinkage
and wrong_item the claim that shows it is the count.
"""

import numpy as np
import polars as pl

from ingestion.contracts.vocabulary import QuantityKind
from ingestion.synthetic.balance import timeline
from ingestion.synthetic.clock import DAY, MINUTE, Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.journal import Step
from ingestion.synthetic.occasions import claim_occasions, claim_periods
from ingestion.synthetic.returns import RESTOCKED
from ingestion.synthetic.simulation import History
from ingestion.synthetic.stocktaking import SHRINKAGE

TRUTH_SCHEMA = {
    "cause": pl.String, "system": pl.String, "quantity_kind": pl.String, "key": pl.Int64,
    "quantity": pl.Int64, "from_at": pl.Int64, "to_at": pl.Int64, "event": pl.Int64,
    "step": pl.Int64, "row": pl.Int64,
}  # fmt: skip
NO_EVENT = -1
KINDS = {
    "floor": f"{QuantityKind.ON_HAND}+{QuantityKind.AVAILABLE}",
    "shop": f"{QuantityKind.AVAILABLE}+{QuantityKind.SELLABLE_LISTED}",
    "finance": str(QuantityKind.BOOKED),
    "count": str(QuantityKind.COUNT),
}


def struck_truth(
    cause: str, system: str, struck: pl.DataFrame, effect: str, sign: int
) -> pl.DataFrame:
    """Truth rows of struck reports: `sign` times their effect, from when they are recorded."""
    return struck.select(
        cause=pl.lit(cause), system=pl.lit(system), quantity_kind=pl.lit(KINDS[system]),
        key=pl.col("key").cast(pl.Int64), quantity=pl.col(effect).cast(pl.Int64) * sign,
        from_at=pl.col("recorded_at"), to_at=pl.lit(NEVER, pl.Int64), event=pl.col("event"),
        step=pl.col("step").cast(pl.Int64), row=pl.col("row").cast(pl.Int64),
    )  # fmt: skip


def deviation_truth(history: History) -> pl.DataFrame:
    """Shrinkage and wrong picks: from when the goods were gone to when a count corrected it."""
    deviations, counts = history["deviations"], history["counts"]
    order = np.lexsort((counts["counted_at"], counts["key"]))
    passed = timeline(counts["key"], counts["counted_at"], np.ones(len(order), dtype=np.int64))
    upto = passed.at(deviations["key"], deviations["from_at"])
    total = passed.at(deviations["key"], np.full_like(upto, history.world.clock.end + DAY))
    first = np.searchsorted(counts["key"][order], deviations["key"])
    found = upto < total
    position = order[np.minimum(first + upto, len(order) - 1)]
    shrunk = deviations["cause"] == SHRINKAGE
    floors = [site.system for site in history.world.model.sites]
    n = len(upto)
    return pl.DataFrame(
        {
            "cause": np.where(shrunk, "shrinkage", "wrong_item"),
            "system": pl.Series(floors).gather(history.world.site_of(deviations["key"])),
            "quantity_kind": [KINDS["count"]] * n, "key": deviations["key"],
            "quantity": deviations["quantity"], "from_at": deviations["from_at"],
            "to_at": np.where(found, counts["adjusted_at"][position], NEVER),
            "event": np.full(n, NO_EVENT),
            "step": np.where(shrunk, NO_EVENT, int(Step.PICKED)), "row": deviations["chunk"],
        },
        schema=TRUTH_SCHEMA,
    )  # fmt: skip


def early_restock_truth(early: pl.DataFrame, history: History) -> pl.DataFrame:
    """What the shop put back on sale with the refund, by why that is wrong, and until when.

    `early` are the shop's own restock reports. Before the goods are back they are restocked
    without receipt; then not restocked at the site, until somebody inspects them; from then on, if
    they turn out unfit for sale, they differ in condition.
    """
    returns, row = history["returns"], early["row"].to_numpy()
    recorded = early["recorded_at"].to_numpy()
    received, disposed = returns["received_at"][row], returns["disposed_at"][row]
    unfit = returns["outcome"][row] != RESTOCKED
    found = struck_truth("", "shop", early, "available", 1)
    parts = [
        found.with_columns(cause=pl.lit(cause), from_at=pl.Series(begins), to_at=pl.Series(ends))
        for cause, begins, ends in (
            ("restocked_without_receipt", recorded, received),
            ("return_not_restocked", np.maximum(recorded, received), disposed),
            (
                "condition_mismatch", np.maximum(recorded, disposed),
                np.where(unfit, NEVER, 0),
            ),
        )
    ]  # fmt: skip
    known = pl.concat(parts).filter(pl.col("to_at") > pl.col("from_at"))
    return known.with_columns(step=pl.lit(int(Step.RETURN_RECEIVED), pl.Int64))


def plant_overrides(
    system: str, kinds: str, sites: tuple[int, ...], stock: pl.DataFrame, history: History,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """Set some SKUs at the sites of a system to another number than its events add up to.

    `stock` are the system's reports as (key, recorded_at, effect). Half of the overrides are set
    back within weeks, though not before two claims have shown them: what one claim has and the
    next has not is a glitch. The others stay.
    """
    world, clock = history.world, history.world.clock
    places = len(sites) * world.catalogue.size
    count = int(rng.poisson(world.model.faults.manual_override * places * clock.days / 30))
    drawn = rng.integers(0, places, count)
    site = np.array(sites)[drawn // world.catalogue.size]
    place = world.place(site, drawn % world.catalogue.size)
    at = rng.integers(clock.start + 7 * DAY, max(clock.end, clock.start + 8 * DAY), count)
    events = timeline(
        world.place_of(stock["key"].to_numpy()), stock["recorded_at"].to_numpy(),
        stock["effect"].to_numpy(),
    )  # fmt: skip
    known = np.maximum(events.at(place, at), 0)
    shift = rng.integers(1, 9, count) * rng.choice((-1, 1), count)
    shift = np.where(shift < -known, np.abs(shift), shift)
    lasts = 2 * DAY * claim_periods(world)[drawn % world.catalogue.size]
    lasts += rng.integers(0, 35 * DAY, count)
    ends = np.where(rng.random(count) < 0.5, at + lasts, NEVER)  # noqa: PLR2004
    changes = {"key": place * world.lots, "quantity": shift, "from_at": at, "to_at": ends}
    return _silent_truth("manual_override", system, kinds, changes)


def plant_glitches(
    system: str, kinds: str, sites: tuple[int, ...], history: History, rng: np.random.Generator
) -> pl.DataFrame:
    """Let some claims of a system show another number than the one before and the one after.

    Never the last claim of a SKU: nobody could tell it from an override yet.
    """
    world = history.world
    as_of, sku = claim_occasions(world)
    last = np.zeros(world.catalogue.size, dtype=np.int64)
    np.maximum.at(last, sku, as_of)
    parts: list[pl.DataFrame] = []
    for site in sites:
        struck = (rng.random(len(sku)) < world.model.faults.unexplained) & (as_of < last[sku])
        key = world.place(np.full(int(struck.sum()), site), sku[struck]) * world.lots
        shift = rng.integers(1, 9, len(key)) * rng.choice((-1, 1), len(key))
        span = {"from_at": as_of[struck] - MINUTE, "to_at": as_of[struck] + MINUTE}
        changes = {"key": key, "quantity": shift} | span
        parts.append(_silent_truth("unexplained", system, kinds, changes))
    return pl.concat(parts)


def _silent_truth(
    cause: str, system: str, kinds: str, changes: dict[str, Ints]
) -> pl.DataFrame:  # fmt: skip
    """Truth rows of what no event tells of: changes have key, quantity, from_at and to_at."""
    count = len(changes["key"])
    none = np.full(count, NO_EVENT)
    return pl.DataFrame(
        {
            "cause": [cause] * count, "system": [system] * count, "quantity_kind": [kinds] * count,
            **changes, "event": none, "step": none, "row": none,
        },
        schema=TRUTH_SCHEMA,
    )  # fmt: skip
