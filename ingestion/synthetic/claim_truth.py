"""The truth about every claim: which causes make it differ from the ledger, by how many units.

A difference is a signed quantity on one key of one system, from an instant to another. The causes
of a claim are the differences that last at its as_of; they sum to claimed minus ledger. A report
that is merely on its way is a sync_delay in a system that records things as it hears of them, and
a cut_off in one that books the day's events in the next run.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from ingestion.contracts.vocabulary import QuantityKind
from ingestion.synthetic.balance import timeline
from ingestion.synthetic.claims import NETWORK
from ingestion.synthetic.clock import Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    location_code,
    lot_columns,
    moment,
    numbers,
    product_code,
    sku_code,
)
from ingestion.synthetic.systems import Role, System
from ingestion.synthetic.world import World

CLAIM_TRUTH_FILE = "claims.parquet"
_EFFECT = {
    QuantityKind.ON_HAND: "on_hand", QuantityKind.BOOKED: "on_hand",
    QuantityKind.AVAILABLE: "available", QuantityKind.SELLABLE_LISTED: "available",
}  # fmt: skip
_CAUSED = {"cause": pl.String(), "quantity": pl.Int64()}
_ON_ITS_WAY = {Role.FLOOR: "sync_delay", Role.SHOP: "sync_delay", Role.FINANCE: "cut_off"}


def system_claim_truth(
    world: World, system: System, faults: pl.DataFrame, claims: pl.DataFrame
) -> pl.DataFrame:
    """One row per claim of a system and cause: claim columns, cause, quantity (never 0)."""
    mine = faults.filter(pl.col("system") == system.name)
    instants = claims["as_of"].unique().sort().to_numpy()
    parts = [
        _caused(world, claims.filter(pl.col("quantity_kind") == str(kind)), differences)
        for kind, effect in _EFFECT.items()
        for differences in (_differences(system, mine, kind, effect, instants),)
    ]
    return pl.concat(parts)


def count_truth(history: History, faults: pl.DataFrame) -> pl.DataFrame:
    """One row per count and cause, its as_of the instant of the count."""
    counts = history["counts"]
    silent = faults.filter(pl.col("quantity_kind") == str(QuantityKind.COUNT))
    floors = pl.Series([site.system for site in history.world.model.sites])
    asked = pl.DataFrame(
        {
            "as_of": counts["counted_at"], "key": counts["key"],
            "system": floors.gather(history.world.site_of(counts["key"])),
            "quantity_kind": [str(QuantityKind.COUNT)] * len(counts["key"]),
        }
    ).filter(pl.col("as_of") <= history.world.clock.end)  # fmt: skip
    parts = [
        _of_cause(asked, numbers(asked, "key"), numbers(rows, "key"), cause, rows)
        for (cause,), rows in silent.group_by("cause", maintain_order=True)
    ]
    return pl.concat([pl.DataFrame(schema=asked.schema | _CAUSED), *parts])


def _differences(
    system: System, faults: pl.DataFrame, kind: QuantityKind, effect: str, instants: Ints
) -> pl.DataFrame:
    """What sets a system apart from the ledger at some of the instants: faults, and reports that
    are on their way."""
    happened, known = (numbers(system.on_time, name) for name in ("at", "recorded_at"))
    shows = np.searchsorted(instants, happened) < np.searchsorted(instants, known)
    on_its_way = system.on_time.filter(pl.lit(shows) & (pl.col(effect) != 0)).select(
        key=pl.col("key").cast(pl.Int64), quantity=-pl.col(effect).cast(pl.Int64),
        from_at="at", to_at="recorded_at", cause=pl.lit(_ON_ITS_WAY[system.role]),
    )  # fmt: skip
    planted = faults.filter(pl.col("quantity_kind").str.split("+").list.contains(str(kind)))
    return pl.concat([planted.select(on_its_way.columns), on_its_way])


def _caused(world: World, claims: pl.DataFrame, differences: pl.DataFrame) -> pl.DataFrame:
    """The causes of claims about places, or about SKUs over all sites."""
    site, sku = numbers(claims, "site"), numbers(claims, "sku")
    by_site = site != NETWORK
    parts = [
        _of_cause(claims.filter(chosen), asked[chosen], about, cause, rows)
        for (cause,), rows in differences.group_by("cause", maintain_order=True)
        for chosen, asked, about in (
            (by_site, world.product_place(site, sku), world.place_of(numbers(rows, "key"))),
            (~by_site, sku, world.product_of(numbers(rows, "key"))),
        )
        if chosen.any()
    ]
    return pl.concat([pl.DataFrame(schema=claims.schema | _CAUSED), *parts], how="diagonal")


def _of_cause(
    claims: pl.DataFrame, asked: Ints, about: Ints, cause: object, rows: pl.DataFrame
) -> pl.DataFrame:
    """What one cause makes of the claims that ask for the keys it is about."""
    ends = rows["to_at"].to_numpy() < NEVER
    quantity = numbers(rows, "quantity")
    lasting = timeline(
        np.concatenate([about, about[ends]]),
        np.concatenate([numbers(rows, "from_at"), numbers(rows, "to_at")[ends]]),
        np.concatenate([quantity, -quantity[ends]]),
    )
    caused = lasting.at(asked, numbers(claims, "as_of"))
    return claims.with_columns(
        cause=pl.lit(str(cause)), quantity=pl.Series(caused, dtype=pl.Int64)
    ).filter(pl.col("quantity") != 0)


def write_claim_truth(
    directory: Path, history: History, causes: Iterable[pl.DataFrame], counts: pl.DataFrame
) -> Path:
    """Write the causes of claims and counts as Parquet: the claim's key, cause, quantity."""
    world = history.world
    claims = pl.concat(causes)
    site, channel = numbers(claims, "site"), numbers(claims, "channel")
    channels = pl.Series([one.channel_id for one in world.model.channels])
    spelled = claims.with_columns(
        code=product_code(world, numbers(claims, "sku")),
        location_id=location_code(world, np.maximum(site, 0)),
        channel_id=channels.gather(np.maximum(channel, 0)),
    ).select(
        "system", moment("as_of"), pl.col("code").alias("sku"), "quantity_kind",
        pl.when(pl.col("site") != NETWORK).then("location_id").alias("location_id"),
        pl.when(pl.col("channel") != NETWORK).then("channel_id").alias("channel_id"),
        pl.lit(None, pl.String).alias("lot_id"), "cause", "quantity",
    )  # fmt: skip
    path = directory / CLAIM_TRUTH_FILE
    pl.concat([spelled, _spelled_counts(world, counts)]).write_parquet(path)
    return path


def _spelled_counts(world: World, counts: pl.DataFrame) -> pl.DataFrame:
    key = numbers(counts, "key")
    empty = pl.Series("lot_id", [None] * len(counts), dtype=pl.String)
    lot_id = next(iter(lot_columns(world, key)), empty)
    return counts.with_columns(
        lot_id, code=sku_code(world, world.sku_of(key)),
        location_id=location_code(world, world.site_of(key)),
    ).select(
        "system", moment("as_of"), pl.col("code").alias("sku"), "quantity_kind", "location_id",
        pl.lit(None, pl.String).alias("channel_id"), "lot_id", "cause", "quantity",
    )  # fmt: skip
