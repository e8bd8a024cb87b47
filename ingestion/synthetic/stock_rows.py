"""What systems and counters say there is, as rows of stock and counts."""

import numpy as np
import polars as pl

from ingestion.synthetic.balance import timeline
from ingestion.synthetic.claims import NETWORK
from ingestion.synthetic.clock import MINUTE
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    code,
    known,
    lineage,
    location_code,
    lot_columns,
    moment,
    numbers,
    product_code,
    sku_code,
    word,
    worker_code,
)
from ingestion.synthetic.stocktaking import BLIND_RECOUNT, CYCLE, RECOUNT
from ingestion.synthetic.systems import System
from ingestion.synthetic.world import World

_METHODS = {CYCLE: "cycle", RECOUNT: "recount", BLIND_RECOUNT: "blind_recount"}


def claim_rows(world: World, system: str, claims: pl.DataFrame) -> pl.DataFrame:
    """Rows of stock: one per claim of one system."""
    site, channel = numbers(claims, "site"), numbers(claims, "channel")
    channels = pl.Series([channel.channel_id for channel in world.model.channels])
    return claims.with_columns(
        source_system=pl.lit(system), system=pl.lit(system), seconds=pl.col("as_of") + 2 * MINUTE,
        recorded=moment("as_of") + pl.duration(seconds=2 * MINUTE),
        code=product_code(world, numbers(claims, "sku")),
        location_id=location_code(world, np.maximum(site, 0)),
        channel_id=channels.gather(np.maximum(channel, 0)),
        source_event_key=pl.concat_str(
            pl.lit(system), "as_of", "sku", "site", "channel", "quantity_kind", separator="|"
        ),
    ).select(
        *lineage(), "system", moment("as_of"), pl.col("code").alias("sku"), "quantity_kind",
        "quantity", pl.when(pl.col("site") != NETWORK).then("location_id").alias("location_id"),
        pl.when(pl.col("channel") != NETWORK).then("channel_id").alias("channel_id"), "seconds",
    )  # fmt: skip


def count_rows(history: History, journal: pl.DataFrame, system: System) -> pl.DataFrame:
    """Rows of counts at a floor's sites: everything physically on hand of one SKU, or one lot."""
    world, counts = history.world, history["counts"]
    key, at = counts["key"], counts["counted_at"]
    moves = journal.filter(pl.col("on_hand") != 0)
    booked = timeline(*(numbers(moves, column) for column in ("key", "at", "on_hand"))).at(key, at)
    counted = np.isin(world.site_of(key), system.sites) & (at + MINUTE <= world.clock.end)
    row = np.flatnonzero(counted)
    key, at = key[row], at[row]
    count_id = code("CC-", row)
    facts = pl.DataFrame(
        {
            "source_event_key": count_id, "count_id": count_id, "seconds": at + MINUTE,
            "counted": at, "location_id": location_code(world, world.site_of(key)),
            "sku": sku_code(world, world.sku_of(key)),
            "counted_quantity": booked[row] + counts["difference"][row],
            "counter_id": worker_code(world, key, counts["counter"][row]),
            "method": word(counts["method"][row], _METHODS),
        }
    ).with_columns(lot_columns(world, key))  # fmt: skip
    return facts.with_columns(source_system=pl.lit(system.name), recorded=moment("seconds")).select(
        *lineage(), "count_id", moment("counted").alias("counted_at"), "location_id", "sku",
        "counted_quantity", *known(facts, "lot_id"), "counter_id", "method", "seconds",
    )  # fmt: skip
