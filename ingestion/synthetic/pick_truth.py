"""The truth about short picks of goods that were there: the picker overlooked them."""

import numpy as np
import polars as pl

from ingestion.synthetic.journal import Step
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    code,
    event_prefix,
    location_code,
    moment,
    numbers,
    sku_code,
)
from ingestion.synthetic.systems import Role, System


def overlooked_truth(history: History, systems: list[System]) -> pl.DataFrame:
    """One row per such short pick that its floor told of, in the columns of the truth file."""
    world = history.world
    overlooked = np.flatnonzero(history["chunks"]["overlooked"])
    told = pl.concat(
        system.reports.filter(
            (pl.col("step") == int(Step.SHORT_PICKED)) & pl.col("row").is_in(overlooked)
        ).select(
            "event", "key", "quantity", at=pl.col("at"), system=pl.lit(system.name),
            prefix=pl.lit(event_prefix(system.name)),
        )
        for system in systems
        if system.role is Role.FLOOR
    ).sort("at", "event")  # fmt: skip
    key = numbers(told, "key")
    return told.with_columns(
        fault_id=code("OVERLOOKED-", np.arange(len(told)) + 1, 6),
        location_id=location_code(world, world.site_of(key)),
        sku=sku_code(world, world.sku_of(key)),
        event_key=told["prefix"] + code("", numbers(told, "event"), 9),
    ).select(
        "fault_id", pl.lit("overlooked_pick").alias("cause"), "system", "location_id", "sku",
        moment("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("from_at"),
        pl.concat_list("event_key").alias("event_keys"),
    )  # fmt: skip
