"""Regulated: every unit has a lot, and the truth about lots follows from what the floors wrote."""

from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl
import pytest

from ingestion.synthetic.lot_truth import LOT_TRUTH_FILE

Rows = Callable[..., pl.DataFrame]
LOT = ["location_id", "sku", "lot_id"]


pytestmark = pytest.mark.parametrize(
    "model", ["regulated", "troubled regulated"], indirect=True, scope="session"
)


@pytest.fixture(scope="module")
def facts(small) -> pl.DataFrame:
    path = small.truth_path.with_name(LOT_TRUTH_FILE)
    return pl.read_ndjson(path, infer_schema_length=None).with_columns(
        pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"), pl.col("expires_on").str.to_date()
    )


def test_every_event_of_a_floor_names_its_lot(rows: Rows):
    for feed in ("fulfilment_events", "receipts", "transfers", "returns", "adjustments", "counts"):
        found = rows(feed, "floor")
        assert len(found) > 0
        assert found["lot_id"].null_count() == 0, feed


def test_a_lot_is_one_skus_and_expires_on_one_day(rows: Rows):
    receipts = rows("receipts", "floor")
    lots = receipts.group_by("lot_id").agg(pl.col("sku", "expires_on").n_unique())
    assert set(lots["sku"]) == set(lots["expires_on"]) == {1}
    products = rows("products")
    assert set(products["lot_tracked"].cast(pl.String)) == {"true"}
    assert products["shelf_life_days"].null_count() == 0


def test_goods_are_held_back_on_arrival_and_mostly_released(rows: Rows, facts: pl.DataFrame):
    put_away = rows("receipts", "floor").filter(
        (pl.col("event_type") == "put_away") & pl.col("po_id").is_not_null()
    )
    held = rows("adjustments", "floor").filter(pl.col("reason_code") == "quality_hold")
    identity = [*LOT, "quantity"]
    joined = held.join(put_away, on=identity).filter(
        pl.col("occurred_at") == pl.col("occurred_at_right") + timedelta(minutes=2)
    )
    assert joined["source_event_key"].n_unique() == len(held)
    assert set(facts.filter(pl.col("fact") == "quarantined")["event_key"]) == set(
        held["source_event_key"]
    )
    released = facts.filter(pl.col("fact") == "released")
    assert 0.9 * len(held) < len(released) < len(held)


def test_what_is_on_the_shelf_past_its_expiry_is_taken_off_within_a_day(
    rows: Rows, facts: pl.DataFrame
):
    expired = facts.filter(pl.col("fact") == "expired")
    assert len(expired) > 0
    assert (expired["at"].dt.date() >= expired["expires_on"]).all()
    booked = rows("adjustments", "floor").filter(pl.col("to_state") == "expired")
    assert set(expired["event_key"]) == set(booked["source_event_key"])
    scrapped = rows("adjustments", "floor").filter(pl.col("to_state") == "scrapped")
    assert (scrapped["quantity"] < 0).all()


def test_no_lot_is_reserved_after_it_was_taken_off_sale(rows: Rows, facts: pl.DataFrame):
    """Only what nobody finds on the shelf stays open to reservations, until it is counted."""
    reserved = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "picked")
    recalled = facts.filter(pl.col("fact") == "recalled").select(*LOT, recalled_at="at")
    late = reserved.join(recalled, on=LOT).filter(
        pl.col("occurred_at") > pl.col("recalled_at") + timedelta(days=4)
    )
    assert late.is_empty()


def test_the_recall_truth_is_every_order_line_that_got_the_lot(rows: Rows, facts: pl.DataFrame):
    recalled = facts.filter(pl.col("fact") == "recalled")
    assert recalled["lot_id"].n_unique() == 1
    assert set(recalled["location_id"]) == set(rows("locations")["location_id"])
    shipped = rows("fulfilment_events", "floor").filter(
        (pl.col("event_type") == "shipped") & (pl.col("lot_id") == recalled["lot_id"][0])
    )
    truth = facts.filter(pl.col("fact") == "recall_shipped")
    identity = ["location_id", "order_id", "order_line_id", "sku", "lot_id", "quantity"]
    shipped = shipped.rename({"line_id": "order_line_id"}).select(identity)
    assert len(shipped) > 3
    assert shipped.sort(identity).rows() == truth.select(identity).sort(identity).rows()


def test_the_truth_has_every_pick_that_passed_over_an_earlier_lot(
    rows: Rows, facts: pl.DataFrame, wms_moves: pl.DataFrame
):
    expiry = rows("receipts", "floor").select("lot_id", "expires_on").unique()
    picks = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "picked")
    found: set[str] = set()
    available = wms_moves.filter(pl.col("state") == "available").join(expiry, on="lot_id")
    for place, moves in available.group_by("location_id", "sku"):
        mine = picks.filter((pl.col("location_id") == place[0]) & (pl.col("sku") == place[1]))
        pairs = mine.join(expiry, on="lot_id").join(moves, on="sku", suffix="_there")
        pairs = pairs.filter(
            (pl.col("expires_on_there") < pl.col("expires_on"))
            & (pl.col("at") <= pl.col("occurred_at"))
            & (pl.col("expires_on_there") > pl.col("occurred_at").dt.date())
        )
        left = pairs.group_by("source_event_key", "lot_id_there").agg(pl.col("change").sum())
        found |= set(left.filter(pl.col("change") > 0)["source_event_key"])
    breaches = facts.filter(pl.col("fact") == "fefo_breach")
    assert len(breaches) > 2
    assert found == set(breaches["event_key"])


def test_most_picks_take_the_lot_that_expires_first(
    rows: Rows, facts: pl.DataFrame, end_at: datetime
):
    picks = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "picked")
    assert len(facts.filter(pl.col("fact") == "fefo_breach")) < len(picks) * 0.25
    assert facts["at"].max() <= end_at.replace(tzinfo=None)
