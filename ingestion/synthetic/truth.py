"""The truth file: every planted fault, in words a person can check. Never part of a drop folder."""

from pathlib import Path

import numpy as np
import polars as pl

from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.faults import KINDS, NO_EVENT
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    code,
    event_prefix,
    location_code,
    lot_columns,
    moment,
    numbers,
    product_code,
)
from ingestion.synthetic.systems import Role, System

TRUTH_FILE = "faults.ndjson"


class TruthInsideDropError(ValueError):
    """The truth would lie where the pipeline looks for feeds."""


def truth_directory(out: Path, truth: Path | None) -> Path:
    """Where the truth goes: `truth`, else a folder `truth` beside the drop folder."""
    directory = truth or out.parent / "truth"
    if directory.resolve().is_relative_to(out.resolve()):
        raise TruthInsideDropError(
            f"The truth folder {directory} lies inside the drop folder {out}, where it would be "
            "landed as a feed. Choose a folder outside it."
        )
    return directory


def truth_rows(history: History, truth: pl.DataFrame, systems: list[System]) -> pl.DataFrame:
    """Faults with codes and instants spelled out, by the instant they begin.

    `quantity` is claimed minus ledger, on claims of `system` and each of the `quantity_kinds`
    about the location and SKU, from `from_at` to `to_at` (null: never healed). `event_keys` are
    the owner's event and, where it has one, the system's own. Only counts are about one lot.
    """
    world = history.world
    truth = truth.sort("from_at", "system", "cause", "key", "row", maintain_order=True)
    key, n = numbers(truth, "key"), len(truth)
    to_at = pl.col("to_at")
    is_counted = pl.col("quantity_kind") == KINDS["count"]
    counted_lot = pl.when(is_counted).then("lot_id").alias("lot_id")
    return truth.with_columns(
        fault_id=code("FAULT-", np.arange(n) + 1, 6),
        location_id=location_code(world, world.site_of(key)),
        sku=product_code(world, world.product_of(key)),
        event_keys=_event_keys(truth, systems),
    ).with_columns(lot_columns(world, key)).select(
        "fault_id", "cause", "system", "location_id", "sku",
        *([counted_lot] if world.lots > 1 else []),
        pl.col("quantity_kind").str.split("+").alias("quantity_kinds"), "quantity",
        moment("from_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("from_at"),
        pl.when((to_at < NEVER) & (to_at <= world.clock.end))
        .then(pl.from_epoch(pl.min_horizontal(to_at, pl.lit(world.clock.end)), "s"))
        .dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("to_at"),
        "event_keys", pl.lit(None, pl.String).alias("detail"),
    )  # fmt: skip


def _event_keys(truth: pl.DataFrame, systems: list[System]) -> pl.Series:
    wanted = truth.select("step", "row").filter(pl.col("step") != NO_EVENT).unique()
    owned = pl.concat(
        system.reports.select(
            pl.col("step").cast(pl.Int64), pl.col("row").cast(pl.Int64), owner_event="event",
            owner=pl.lit(event_prefix(system.name)),
        ).join(wanted, on=["step", "row"], how="semi")
        for system in systems
        if system.role is Role.FLOOR
    )  # fmt: skip
    joined = truth.join(owned, on=["step", "row"], how="left", maintain_order="left")
    prefixes = {system.name: event_prefix(system.name) for system in systems}
    own = joined["system"].replace_strict(prefixes) + code("", numbers(joined, "event"), 9)
    owners = pl.col("owner") + pl.col("owner_event").cast(pl.String).str.zfill(9)
    return joined.with_columns(own=own).select(
        keys=pl.concat_list(
            owners, pl.when((pl.col("event") != NO_EVENT) & (pl.col("cause") != "missing_receipt"))
            .then("own"),
        ).list.drop_nulls()
    )["keys"]  # fmt: skip


def write_truth(directory: Path, faults: pl.DataFrame, bad_rows: pl.DataFrame) -> Path:
    """Write the truth as NDJSON and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / TRUTH_FILE
    pl.concat([faults, bad_rows], how="diagonal").write_ndjson(path)
    return path
