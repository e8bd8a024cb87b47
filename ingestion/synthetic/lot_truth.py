"""The truth about lots: what was held back, expired, recalled, or picked in the wrong order."""

from pathlib import Path

import numpy as np
import polars as pl

from ingestion.synthetic.balance import timeline
from ingestion.synthetic.journal import Step
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    code,
    event_prefix,
    location_code,
    lot_columns,
    moment,
    numbers,
    sku_code,
)
from ingestion.synthetic.systems import Role, System

LOT_TRUTH_FILE = "lots.ndjson"
_MOVED = {
    Step.QUARANTINED: "quarantined", Step.RELEASED: "released", Step.EXPIRED: "expired",
    Step.RECALLED: "recalled",
}  # fmt: skip


def write_lot_truth(directory: Path, history: History, systems: list[System]) -> Path | None:
    """Write what the floors' reports say happened to lots, as NDJSON; nothing without lots.

    `fact` is quarantined, released, expired, recalled (units taken off sale at a location),
    recall_shipped (an order line that got the recalled lot), fefo_breach (a pick while an earlier
    lot, not expired, was available there: `earlier_lot_id`) or expired_pick.
    """
    if history.world.lots == 1:
        return None
    reports = pl.concat(
        system.reports.with_columns(prefix=pl.lit(event_prefix(system.name)))
        for system in systems
        if system.role is Role.FLOOR
    )
    facts = pl.concat(
        [
            *(_of_step(reports, step, fact) for step, fact in _MOVED.items()),
            _recall_shipped(history, reports),
            *_picks(history, reports),
        ],
        how="diagonal",
    )
    path = directory / LOT_TRUTH_FILE
    _spelled(history, facts.sort("at", "fact", "key", "event")).write_ndjson(path)
    return path


def _of_step(reports: pl.DataFrame, step: Step, fact: str) -> pl.DataFrame:
    return reports.filter(pl.col("step") == int(step)).with_columns(fact=pl.lit(fact))


def _recall_shipped(history: History, reports: pl.DataFrame) -> pl.DataFrame:
    shipped = _of_step(reports, Step.SHIPPED, "recall_shipped")
    if history.recalled is None:
        return shipped.clear()
    key, (sku, lot) = numbers(shipped, "key"), history.recalled
    world = history.world
    return shipped.filter(pl.lit((world.sku_of(key) == sku) & (world.lot_of(key) == lot)))


def _picks(history: History, reports: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Picks of expired lots, and picks that passed over an earlier lot, with that lot's key."""
    world = history.world
    moved = reports.filter(pl.col("available") != 0)
    available = timeline(*(numbers(moved, column) for column in ("key", "at", "available")))
    expires_on = np.tile(world.calendar.expires_on.ravel(), len(world.model.sites))
    picks = reports.filter(pl.col("step") == int(Step.PICKED))
    key, at = numbers(picks, "key"), numbers(picks, "at")
    earlier = np.full(len(key), -1)
    for lot in range(world.lots):
        rows = np.flatnonzero((world.lot_of(key) > lot) & (earlier < 0))
        other = world.place_of(key[rows]) * world.lots + lot
        sellable = (available.at(other, at[rows]) > 0) & (expires_on[other] > at[rows])
        earlier[rows[sellable]] = other[sellable]
    expired = picks.filter(pl.lit(expires_on[key] <= at)).with_columns(fact=pl.lit("expired_pick"))
    breaches = picks.with_columns(fact=pl.lit("fefo_breach"), earlier=pl.Series(earlier))
    return expired, breaches.filter(pl.col("earlier") >= 0)


def _spelled(history: History, facts: pl.DataFrame) -> pl.DataFrame:
    world, key, step = history.world, numbers(facts, "key"), numbers(facts, "step")
    of_line = np.isin(step, (Step.PICKED, Step.SHIPPED))
    line = history["chunks"]["line"][np.where(of_line, numbers(facts, "row"), 0)]
    earlier = facts["earlier"].fill_null(-1).to_numpy()
    (lot_id, expires_on), (earlier_id, _) = lot_columns(world, key), lot_columns(world, earlier)
    event = facts["prefix"] + code("", numbers(facts, "event"), 9)
    return facts.with_columns(
        lot_id, expires_on, event.alias("event_key"), earlier_id.alias("earlier_lot_id"),
        location_id=location_code(world, world.site_of(key)),
        sku=sku_code(world, world.sku_of(key)),
        order_id=code("SO-", world.lines.order[line]),
        order_line_id=code("", world.lines.number[line], 1),
        of_line=pl.Series(of_line),
    ).select(
        "fact", "location_id", "sku", "lot_id", "expires_on", "quantity",
        moment("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("at"),
        pl.when("of_line").then("order_id").alias("order_id"),
        pl.when("of_line").then("order_line_id").alias("order_line_id"),
        pl.when(pl.col("earlier") >= 0).then("earlier_lot_id").alias("earlier_lot_id"),
        "event_key",
    )  # fmt: skip
