"""How numbers of the simulation are spelled in files: ids, codes, money, instants."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import polars as pl

from ingestion.synthetic.clock import Ints
from ingestion.synthetic.systems import Role, System
from ingestion.synthetic.world import World

ID_DIGITS = 7
_WORKERS_PER_SITE = 24
_CARRIERS = ("UPS", "FEDEX", "USPS")
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


def product_code(world: World, products: Ints) -> pl.Series:
    """The code of each product number: a SKU, a kit, or the alias of a SKU."""
    return world.product_codes.gather(products)


def lot_columns(world: World, keys: Ints) -> list[pl.Series]:
    """Each key's lot_id and expires_on; no columns where nothing is kept by lot."""
    if world.lots == 1:
        return []
    sku, lot = world.sku_of(keys), world.lot_of(keys)
    days = pl.from_epoch(pl.Series(world.calendar.made_on), "s").dt.strftime("L%y%m%d-")
    lot_id = days.gather(lot) + code("", sku, 5)
    expires = pl.from_epoch(pl.Series(world.calendar.expires_on[sku, lot]), "s").dt.date()
    return [lot_id.alias("lot_id"), expires.alias("expires_on")]


def known(facts: pl.DataFrame, *columns: str) -> list[str]:
    """Those of the columns that the facts have."""
    return [name for name in columns if name in facts.columns]


def event_prefix(system: str) -> str:
    """What a system's own event numbers begin with."""
    return system[0].upper()


def location_code(world: World, sites: Ints) -> pl.Series:
    """The id of each site number."""
    return pl.Series([site.location_id for site in world.model.sites]).gather(sites)


def bin_code(places: Ints) -> pl.Series:
    """The bin of each place: look-alikes lie side by side."""
    aisle, shelf = places // _SHELVES % _AISLES + 1, places % _SHELVES + 1
    return (code("", aisle, 2) + "-" + code("", shelf, 2)).alias("bin_id")


def worker_code(world: World, keys: Ints, tasks: Ints) -> pl.Series:
    """Who does a task: a worker of the key's site."""
    return location_code(world, world.site_of(keys)) + "-" + code("w", tasks % _WORKERS_PER_SITE, 2)


def tracking_number(chunks: Ints) -> pl.Series:
    """The parcel that each chunk leaves in."""
    return code("1Z", chunks, 9)


def carrier_name(lines: Ints) -> pl.Series:
    """Who carries the parcels of each line."""
    return pl.Series(_CARRIERS).gather(lines % len(_CARRIERS))


def reported(world: World, system: System, reports: pl.DataFrame) -> pl.DataFrame:
    """Reports with their lineage, SKU and location spelled out, on the floor also the lot."""
    keys = numbers(reports, "key")
    if system.role is Role.FLOOR:
        reports = reports.with_columns(lot_columns(world, keys))
    return reports.with_columns(
        source_system=pl.lit(system.name),
        source_event_key=code(event_prefix(system.name), numbers(reports, "event"), 9),
        recorded=moment("recorded_at"),
        sku=product_code(world, world.product_of(keys)),
        location_id=location_code(world, world.site_of(keys)),
    )


def lineage() -> tuple[pl.Expr, ...]:
    """The lineage columns that every row of every file carries."""
    return (
        pl.col("source_system"),
        pl.col("source_event_key"),
        pl.col("recorded").alias("recorded_at"),
    )
