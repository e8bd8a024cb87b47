"""Hybrid: business customers order cases at their own prices, and kits share components."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from ingestion.synthetic.generate import Generated, generate

Rows = Callable[..., pl.DataFrame]
ReadFile = Callable[[Path], pl.DataFrame]
LINE = ["order_id", "line_id"]


@pytest.fixture(scope="module")
def hybrid(tmp_path_factory: pytest.TempPathFactory, end_at: datetime) -> Generated:
    return generate(
        tmp_path_factory.mktemp("hybrid") / "drop", scenario="hybrid", seed=5, end_at=end_at
    )


@pytest.fixture(scope="module")
def as_written(hybrid: Generated, read_file: ReadFile) -> Callable[[str, str], pl.DataFrame]:
    """A feed of one system as it stands in its files, quantities in their own units."""

    def written(system: str, feed: str) -> pl.DataFrame:
        files = [
            read_file(path)
            for path in hybrid.files
            if path.parent.name == system
            and path.name.startswith(f"{feed}-")
            and not path.stem.endswith(("-rolls", "-entry"))
        ]
        return pl.concat(files, how="diagonal_relaxed").with_columns(
            *(pl.col(name).cast(pl.Int64) for name in ("quantity",) if name in files[0].columns)
        )

    return written


@pytest.fixture(scope="module")
def orders(as_written: Callable[[str, str], pl.DataFrame]) -> pl.DataFrame:
    lines = as_written("shop", "order_lines")
    heads = as_written("shop", "orders").unique("order_id", keep="first", maintain_order=True)
    heads = heads.select("order_id", "channel_id", "customer_id", "placed_at")
    prices = as_written("master", "products").select("sku", "list_price", "case_pack", "abc_class")
    return lines.join(heads, on="order_id").join(prices, on="sku")


WHOLESALE = pl.col("channel_id").is_in(["wholesale", "key_accounts"])


def test_wholesale_orders_mostly_in_cases_and_retail_in_eaches(orders: pl.DataFrame):
    assert set(orders.filter(~WHOLESALE)["uom"]) == {"each"}
    wholesale = orders.filter(WHOLESALE & (pl.col("case_pack").cast(pl.Int64) > 1))
    assert (wholesale["uom"] == "case").mean() > 0.6
    assert "each" in set(wholesale["uom"])


def test_floors_report_whole_cases_as_cases(as_written: Callable[[str, str], pl.DataFrame]):
    for feed in ("fulfilment_events", "receipts"):
        assert set(as_written("wms", feed)["uom"]) == {"case", "each"}
    assert "case" in set(as_written("master", "purchase_orders")["uom"])


def test_business_customers_pay_their_list_and_everybody_else_the_list_price(
    orders: pl.DataFrame, as_written: Callable[[str, str], pl.DataFrame]
):
    lists = as_written("master", "price_lists")
    general = lists.filter(pl.col("customer_id").is_null())
    channel = {"TRADE": "wholesale", "KEY": "key_accounts"}
    general = general.select(
        "sku", general_price="unit_price",
        channel_id=pl.col("price_list_id").replace_strict(channel),
    )  # fmt: skip
    own = lists.filter(pl.col("customer_id").is_not_null())
    own = own.select("sku", "customer_id", own_price="unit_price")
    joined = orders.join(general, on=["sku", "channel_id"], how="left").join(
        own, on=["sku", "customer_id"], how="left"
    )
    pack = pl.when(pl.col("uom") == "case").then(pl.col("case_pack").cast(pl.Int64)).otherwise(1)
    expected = (
        pl.coalesce("own_price", "general_price", "list_price").cast(pl.Decimal(18, 2)) * pack
    )
    paid = joined.select(paid=pl.col("unit_price").cast(pl.Decimal(18, 2)), expected=expected)
    assert (paid["paid"] == paid["expected"]).all()
    assert joined["own_price"].is_not_null().any()


def test_kits_share_components_and_some_bills_are_revised_once(
    as_written: Callable[[str, str], pl.DataFrame],
):
    bills = as_written("master", "bills_of_materials")
    shared = bills.group_by("component_sku").agg(pl.col("kit_sku").n_unique())
    assert (shared["kit_sku"] > 1).any()
    old = bills.filter(pl.col("valid_to").is_not_null())
    new = bills.filter(pl.col("valid_from").is_not_null())
    assert 0 < old["kit_sku"].n_unique() < bills["kit_sku"].n_unique()
    assert set(old.select("kit_sku", "valid_to").iter_rows()) == set(
        new.select("kit_sku", "valid_from").iter_rows()
    )
    assert set(old.select("kit_sku", "component_sku").iter_rows()) != set(
        new.select("kit_sku", "component_sku").iter_rows()
    )


def test_the_floor_picks_all_components_of_a_kit_together_on_the_kits_line(
    as_written: Callable[[str, str], pl.DataFrame], orders: pl.DataFrame
):
    kits = orders.filter(pl.col("sku").str.starts_with("SET-"))
    events = as_written("wms", "fulfilment_events").filter(pl.col("event_type") == "shipped")
    assert events.filter(pl.col("sku").str.starts_with("SET-")).is_empty()
    line = pl.col("line_id").cast(pl.String)
    shipped = events.with_columns(line).join(
        kits.select("order_id", line, kit="sku"), on=["order_id", "line_id"]
    )
    by_line = shipped.group_by(LINE).agg(
        pl.col("sku").n_unique(), pl.col("occurred_at").n_unique(), pl.col("location_id").n_unique()
    )
    assert len(by_line) > 5
    assert set(by_line["sku"]) == {3}
    assert set(by_line["occurred_at"]) == set(by_line["location_id"]) == {1}


def test_rows_in_rolls_are_never_whole_eaches_and_all_in_the_truth(
    hybrid: Generated, read_file: ReadFile, as_written: Callable[[str, str], pl.DataFrame]
):
    rolls = [path for path in hybrid.files if path.stem.endswith("-rolls")]
    written = pl.concat([read_file(path) for path in rolls], how="diagonal_relaxed")
    conversions = as_written("master", "unit_conversions").filter(pl.col("uom") == "roll")
    assert set(conversions.select("numerator", "denominator").iter_rows()) == {("25", "2")}
    assert (written["quantity"].cast(pl.Int64) * 25 % 2 == 1).all()
    truth = pl.read_ndjson(hybrid.truth_path, infer_schema_length=None)
    truth = truth.filter(pl.col("cause") == "fractional_conversion")
    assert set(truth["event_keys"].explode()) == set(written["source_event_key"])
    assert set(truth["detail"]) == {"order_lines", "purchase_orders", "receipts"}


def test_some_large_lines_ship_in_parts(as_written: Callable[[str, str], pl.DataFrame]):
    events = as_written("wms", "fulfilment_events").filter(pl.col("event_type") == "shipped")
    shipments = events.group_by(*LINE, "sku").agg(pl.col("occurred_at").n_unique())
    assert (shipments["occurred_at"] > 1).any()
