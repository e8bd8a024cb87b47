"""How numbers of the simulation are spelled in files: ids, codes, money, instants."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import polars as pl

from ingestion.synthetic.clock import Ints
from ingestion.synthetic.world import World

ID_DIGITS = 7
_WORKERS_PER_SITE = 24
_AISLES, _SHELVES = 40, 25
_Code = TypeVar("_Code", bound=int)


def numbers(frame: pl.DataFrame, column: str) -> Ints:
    """A column as 64-bit integers."""
    return frame[column].to_numpy().astype(np.int64)


def code(prefix: str, values: Ints, digits: int = ID_DIGITS) -> pl.Series:
    """Prefix and zero-padded number."""
    return prefix + pl.Series(values).cast(pl.String).str.zfill(digits)


def word(values: Ints, words: Mapping[_Code, str]) -> pl.Series:
    """The word of each number."""
    table = [""] * (max(words) + 1)
    for number, text in words.items():
        table[number] = text
    return pl.Series(table).gather(values)


def money(cents: Ints) -> pl.Series:
    """Cents as a decimal amount."""
    return (pl.Series(cents).cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))


def moment(column: str) -> pl.Expr:
    """A column of UTC epoch seconds as a timestamp without zone."""
    return pl.from_epoch(pl.col(column), "s")


def sku_code(world: World, skus: Ints) -> pl.Series:
    """The code of each SKU number."""
    return pl.Series(world.catalogue.codes).gather(skus)


def location_code(world: World, sites: Ints) -> pl.Series:
    """The id of each site number."""
    return pl.Series([site.location_id for site in world.model.sites]).gather(sites)


def bin_code(keys: Ints) -> pl.Series:
    """The bin of each (site, SKU): look-alikes lie side by side."""
    aisle, shelf = keys // _SHELVES % _AISLES + 1, keys % _SHELVES + 1
    return (code("", aisle, 2) + "-" + code("", shelf, 2)).alias("bin_id")


def worker_code(world: World, keys: Ints, tasks: Ints) -> pl.Series:
    """Who does a task: a worker of the key's site."""
    return location_code(world, world.site_of(keys)) + "-" + code("w", tasks % _WORKERS_PER_SITE, 2)


def reported(world: World, system: str, prefix: str, reports: pl.DataFrame) -> pl.DataFrame:
    """Reports with their lineage, SKU and location spelled out."""
    keys = numbers(reports, "key")
    return reports.with_columns(
        source_system=pl.lit(system),
        source_event_key=code(prefix, numbers(reports, "event"), 9),
        recorded=moment("recorded_at"),
        sku=sku_code(world, world.sku_of(keys)),
        location_id=location_code(world, world.site_of(keys)),
    )


def lineage() -> tuple[pl.Expr, ...]:
    """The lineage columns that every row of every file carries."""
    return (
        pl.col("source_system"),
        pl.col("source_event_key"),
        pl.col("recorded").alias("recorded_at"),
    )
