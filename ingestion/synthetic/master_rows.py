"""Master data as rows of its feeds: products, sites, channels, suppliers, who owns which event."""

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from ingestion.synthetic.bad_rows import EACHES_IN_TWO_ROLLS, ROLL
from ingestion.synthetic.clock import HOUR, Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.model import OperatingModel, Trade
from ingestion.synthetic.spelling import bin_code, code, location_code, money, sku_code, word
from ingestion.synthetic.systems import SHOP_OWNED
from ingestion.synthetic.trade import first_customer
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
        "products": (pl.concat([_products(world), _kits(world)]), ("sku",)),
        "unit_conversions": (_unit_conversions(world), ("sku", "uom")),
        "bills_of_materials": (_bills(world), ("kit_sku", "component_sku", "version")),
        "price_lists": (_price_lists(world), ("price_list_id", "sku")),
        "locations": (_locations(world.model), ("location_id",)),
        "channels": (_channels(world.model), ("channel_id",)),
        "suppliers": (_suppliers(world), ("supplier_id",)),
        "supplier_products": (_supplier_products(world), ("supplier_id", "sku")),
        "bins": (_bins(world), ("location_id", "bin_id")),
        "system_of_record": (_owners(world.model), ("event_type", "location_id")),
        "site_steps": (_site_steps(world.model), ("location_id", "step")),
    }
    return {
        feed: _master(feed, world, _joined(columns, key), columns.drop("version", strict=False))
        for feed, (columns, key) in tables.items()
        if len(columns)
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
            "case_pack": catalogue.case_pack, "lot_tracked": catalogue.shelf_life > 0,
            "shelf_life_days": pl.Series(catalogue.shelf_life).replace(0, None),
            "abc_class": word(catalogue.abc, {0: "A", 1: "B", 2: "C"}),
            "owner": ["merchandising"] * n,
        }
    )  # fmt: skip


def _kits(world: World) -> pl.DataFrame:
    """Kits as products; their unit cost is their components'."""
    kits, n = world.kits, world.kits.size
    return pl.DataFrame(
        {
            "sku": kits.codes, "title": kits.titles, "category": ["Sets"] * n,
            "unit_cost": money(kits.cost), "list_price": money(kits.price),
            "currency": [world.model.currency] * n, "weight_g": kits.weight,
            "case_pack": np.ones(n, dtype=np.int64), "lot_tracked": [False] * n,
            "shelf_life_days": [None] * n, "abc_class": ["B"] * n, "owner": ["merchandising"] * n,
        },
        schema=_products(world).schema,
    )  # fmt: skip


def _bills(world: World) -> pl.DataFrame:
    """Every version of every kit's bill; where nothing was revised there is only the first."""
    kits = world.kits
    kit, version, slot = np.nonzero(kits.quantity)
    holds = (version == 0) | (kits.revised_at[kit] < NEVER)
    kit, version, slot = kit[holds], version[holds], slot[holds]
    revised = pl.Series(np.where(kits.revised_at[kit] < NEVER, kits.revised_at[kit], 0))
    bills = pl.DataFrame(
        {
            "kit_sku": pl.Series(kits.codes, dtype=pl.String).gather(kit),
            "component_sku": sku_code(world, kits.component[kit, version, slot]),
            "quantity": kits.quantity[kit, version, slot], "version": version,
            "revised": pl.from_epoch(revised, "s"),
        }
    )  # fmt: skip
    is_revised = pl.Series(kits.revised_at[kit] < NEVER)
    return bills.select(
        "kit_sku", "component_sku", "quantity", "version",
        pl.when(pl.col("version") == 1).then("revised").alias("valid_from"),
        pl.when((pl.col("version") == 0) & is_revised).then("revised").alias("valid_to"),
    )  # fmt: skip


def _price_lists(world: World) -> pl.DataFrame:
    """The list of each business channel, and those of customers who have their own."""
    parts = [
        prices
        for number, channel in enumerate(world.model.channels)
        if channel.trade is not None
        for prices in _trade_prices(world, channel.trade, number)
    ]
    return pl.concat(parts) if parts else pl.DataFrame()


def _trade_prices(world: World, trade: Trade, channel: int) -> Iterable[pl.DataFrame]:
    every = np.arange(world.catalogue.size)
    yield _prices(world, trade.price_list, every, trade.price_percent, None)
    best = np.flatnonzero(world.catalogue.abc == 0)
    for buyer in range(0, trade.customers, trade.own_price_every):
        customer = code("C", np.array([first_customer(channel) + buyer]))[0]
        percent = trade.price_percent - trade.own_price_percent
        yield _prices(world, f"{trade.price_list}-{customer}", best, percent, customer)


def _prices(
    world: World, price_list: str, skus: Ints, percent: int, customer: str | None
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "price_list_id": [price_list] * len(skus), "sku": sku_code(world, skus),
            "unit_price": money(world.catalogue.price[skus] * percent // 100),
            "customer_id": [customer] * len(skus),
        },
        schema_overrides={"customer_id": pl.String},
    )  # fmt: skip


def _unit_conversions(world: World) -> pl.DataFrame:
    catalogue = world.catalogue
    cases = pl.DataFrame(
        {
            "sku": catalogue.codes, "uom": ["case"] * catalogue.size,
            "numerator": catalogue.case_pack, "denominator": [1] * catalogue.size,
        }
    )  # fmt: skip
    if not world.model.handles_cases:
        return cases
    rolls = cases.with_columns(
        uom=pl.lit(ROLL), numerator=pl.lit(EACHES_IN_TWO_ROLLS, pl.Int64),
        denominator=pl.lit(2, pl.Int64),
    )  # fmt: skip
    return pl.concat([cases, rolls])


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


def _supplier_products(world: World) -> pl.DataFrame:
    catalogue = world.catalogue
    return pl.DataFrame(
        {
            "supplier_id": code("SUP-", catalogue.supplier, 3), "sku": catalogue.codes,
            "unit_cost": money(catalogue.cost), "lead_time_days": catalogue.quoted_days,
            "min_order_quantity": catalogue.case_pack, "case_pack": catalogue.case_pack,
        }
    )  # fmt: skip


def _bins(world: World) -> pl.DataFrame:
    """Every bin some SKU lies in; an aisle is 3 m wide, a bin 1 m, one of five levels 60 cm."""
    places = np.arange(world.places)
    bins = pl.DataFrame(
        {
            "location_id": location_code(world, places // world.catalogue.size),
            "bin_id": bin_code(places),
        }
    ).unique(maintain_order=True)
    aisle, shelf = (pl.col("bin_id").str.slice(at, 2).cast(pl.Int64) for at in (0, 3))
    return bins.with_columns(
        zone=pl.concat_str(pl.lit("A"), (aisle - 1) // 10 + 1),
        x=3 * aisle,
        y=(shelf - 1) // 5 + 1,
        z=pl.concat_str((shelf - 1) % 5 * 6 // 10, pl.lit("."), (shelf - 1) % 5 * 6 % 10),
    )


def _owners(model: OperatingModel) -> pl.DataFrame:
    owned = [f"returns.{step.name.removeprefix('RETURN_').lower()}" for step in SHOP_OWNED]
    owned = [name.replace("returns.shipped", "returns.shipped_back") for name in owned]
    first = model.sites[0].system
    apart = [site for site in model.sites if site.system != first]
    rows = [
        (event, location, "shop" if event in owned else system)
        for location, system in (("*", first), *((s.location_id, s.system) for s in apart))
        for event in ("*", *owned)
    ]
    return pl.DataFrame(rows, schema=["event_type", "location_id", "system"], orient="row")


def _site_steps(model: OperatingModel) -> pl.DataFrame:
    rows = [(site.location_id, str(step)) for site in model.sites for step in site.steps]
    return pl.DataFrame(rows, schema=["location_id", "step"], orient="row")
