"""Master data as rows of its feeds: products, sites, channels, suppliers, who owns which event."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from ingestion.synthetic.clock import HOUR
from ingestion.synthetic.model import OperatingModel
from ingestion.synthetic.spelling import code, money, word
from ingestion.synthetic.systems import SHOP_OWNED
from ingestion.synthetic.world import World


def _master(feed: str, world: World, keys: pl.Series, columns: pl.DataFrame) -> pl.DataFrame:
    known_at = world.clock.start - 2 * HOUR
    return columns.select(
        source_system=pl.lit("master"),
        source_event_key=pl.lit(f"{feed}:") + keys,
        recorded_at=pl.from_epoch(pl.lit(known_at), "s"),
    ).hstack(columns)


def master_feeds(world: World) -> dict[str, pl.DataFrame]:
    """Every master feed, complete, by name."""
    tables = {
        "products": (_products(world), ("sku",)),
        "unit_conversions": (_unit_conversions(world), ("sku", "uom")),
        "locations": (_locations(world.model), ("location_id",)),
        "channels": (_channels(world.model), ("channel_id",)),
        "suppliers": (_suppliers(world), ("supplier_id",)),
        "system_of_record": (_owners(), ("event_type", "location_id")),
        "site_steps": (_site_steps(world.model), ("location_id", "step")),
    }
    return {
        feed: _master(feed, world, _joined(columns, key), columns)
        for feed, (columns, key) in tables.items()
    }


def _joined(columns: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    return columns.select(pl.concat_str(*key, separator="|").alias("key"))["key"]


def _products(world: World) -> pl.DataFrame:
    catalogue, n = world.catalogue, world.catalogue.size
    names = [category.name for category in world.model.categories]
    return pl.DataFrame(
        {
            "sku": catalogue.codes, "title": catalogue.titles,
            "category": pl.Series(names).gather(catalogue.category),
            "unit_cost": money(catalogue.cost), "list_price": money(catalogue.price),
            "currency": [world.model.currency] * n, "weight_g": catalogue.weight,
            "case_pack": catalogue.case_pack, "lot_tracked": [False] * n,
            "abc_class": word(catalogue.abc, {0: "A", 1: "B", 2: "C"}),
            "owner": ["merchandising"] * n,
        }
    )  # fmt: skip


def _unit_conversions(world: World) -> pl.DataFrame:
    catalogue = world.catalogue
    return pl.DataFrame(
        {
            "sku": catalogue.codes, "uom": ["case"] * catalogue.size,
            "numerator": catalogue.case_pack, "denominator": [1] * catalogue.size,
        }
    )  # fmt: skip


def _locations(model: OperatingModel) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "location_id": site.location_id, "name": site.name, "kind": str(site.kind),
                "country": site.country, "timezone": site.timezone, "latitude": site.latitude,
                "longitude": site.longitude, "daily_line_capacity": site.daily_line_capacity,
                "cut_off_time": f"{site.cut_off_hour:02d}:00", "owner": "operations",
            }
            for site in model.sites
        ]
    )  # fmt: skip


def _channels(model: OperatingModel) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "channel_id": channel.channel_id, "name": channel.name, "kind": str(channel.kind),
                "priority": channel.priority, "sla_hours": channel.sla_hours,
                "late_penalty": channel.late_penalty, "cancel_penalty": channel.cancel_penalty,
            }
            for channel in model.channels
        ]
    )  # fmt: skip


def _suppliers(world: World) -> pl.DataFrame:
    ids = np.arange(world.scale.suppliers)
    return pl.DataFrame({"supplier_id": code("SUP-", ids, 3), "name": code("Supplier ", ids, 3)})


def _owners() -> pl.DataFrame:
    owned = [f"returns.{step.name.removeprefix('RETURN_').lower()}" for step in SHOP_OWNED]
    owned = [name.replace("returns.shipped", "returns.shipped_back") for name in owned]
    events = ["*", *owned]
    return pl.DataFrame(
        {
            "event_type": events,
            "location_id": ["*"] * len(events),
            "system": ["wms", *["shop"] * len(owned)],
        }
    )


def _site_steps(model: OperatingModel) -> pl.DataFrame:
    rows = [(site.location_id, str(step)) for site in model.sites for step in site.steps]
    return pl.DataFrame(rows, schema=["location_id", "step"], orient="row")
