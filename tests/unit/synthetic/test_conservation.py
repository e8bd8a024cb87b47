"""What happens in the simulated world obeys physics: the files replay without a shortfall."""

from collections.abc import Callable

import polars as pl

Rows = Callable[..., pl.DataFrame]
LINE = ("order_id", "line_id")


def lowest_balance(moves: pl.DataFrame, *by: str) -> int:
    ordered = moves.sort("at", pl.col("change") < 0, maintain_order=True)
    return ordered.select(pl.col("change").cum_sum().over(*by).min())["change"].item()


def test_no_stock_is_ever_taken_that_is_not_there(wms_moves: pl.DataFrame):
    assert lowest_balance(wms_moves, "location_id", "sku", "lot_id", "state") == 0


def test_an_order_line_goes_through_its_steps_in_order(wms_moves: pl.DataFrame):
    outbound = wms_moves.filter(
        pl.col("line").is_not_null() & pl.col("state").is_in(["reserved", "picked", "packed"])
    )
    assert lowest_balance(outbound, "location_id", "line", "sku", "lot_id", "state") == 0


def test_nothing_happens_to_a_line_before_it_is_placed(rows: Rows):
    placed = rows("orders").select("order_id", "placed_at").unique()
    early = rows("fulfilment_events", "floor").join(placed, on="order_id")
    assert early.filter(pl.col("occurred_at") <= pl.col("placed_at")).is_empty()


def test_no_line_ships_more_than_was_ordered(rows: Rows, wanted: pl.DataFrame):
    shipped = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "shipped")
    shipped = shipped.group_by(*LINE, "sku").agg(pl.col("quantity").sum().alias("shipped"))
    joined = shipped.join(wanted, on=[*LINE, "sku"], how="left")
    assert joined["quantity"].null_count() == 0
    assert (joined["shipped"] <= joined["quantity"]).all()


def test_a_line_never_holds_more_than_was_ordered(rows: Rows, wanted: pl.DataFrame):
    signs = {"reserved": 1, "unreserved": -1}
    events = rows("fulfilment_events", "floor").filter(pl.col("event_type").is_in(list(signs)))
    part = [*LINE, "sku"]
    held = events.sort("occurred_at").select(
        *part,
        held=(pl.col("quantity") * pl.col("event_type").replace_strict(signs))
        .cum_sum()
        .over(*part),
    )
    joined = held.group_by(*part).agg(pl.col("held").max())
    joined = joined.join(wanted, on=part, how="left")
    assert joined["quantity"].null_count() == 0
    assert (joined["held"] <= joined["quantity"]).all()


def test_a_cancelled_order_ships_nothing_afterwards(rows: Rows):
    gone = rows("orders").filter(pl.col("cancelled_at").is_not_null())
    late = rows("fulfilment_events", "floor").join(
        gone.select("order_id", "cancelled_at"), on="order_id"
    )
    late = late.filter(
        (pl.col("occurred_at") > pl.col("cancelled_at"))
        & pl.col("event_type").is_in(["reserved", "picked", "packed", "shipped"])
    )
    assert late.is_empty()
    assert set(gone["cancel_reason"]) >= {"customer_request", "out_of_stock", "payment_failed"}


def test_a_ship_complete_order_leaves_in_one_piece(rows: Rows, wanted: pl.DataFrame):
    whole = rows("orders").filter(pl.col("ship_complete") == "true").select("order_id").unique()
    events = rows("fulfilment_events", "floor").join(whole, on="order_id")
    events = events.filter(pl.col("event_type") == "shipped")
    shipped = events.group_by("order_id").agg(
        pl.col("quantity").sum(), pl.col("occurred_at").n_unique(), pl.col("location_id").n_unique()
    )
    ordered = wanted.group_by("order_id").agg(ordered=pl.col("quantity").sum())
    joined = shipped.join(ordered, on="order_id")
    assert len(joined) > 0
    assert (joined["quantity"] == joined["ordered"]).all()
    assert set(joined["occurred_at"]) == set(joined["location_id"]) == {1}


def test_a_purchase_order_line_receives_at_most_what_was_ordered(rows: Rows):
    orders = rows("purchase_orders").unique(["po_id", "line_id"])
    ordered = orders.select("po_id", po_line_id="line_id", ordered="quantity")
    received = rows("receipts", "floor").filter(pl.col("event_type") == "received")
    sums = received.group_by("po_id", "po_line_id").agg(pl.col("quantity").sum())
    joined = sums.join(ordered, on=["po_id", "po_line_id"], how="left")
    assert joined["ordered"].null_count() == 0
    assert (joined["quantity"] <= joined["ordered"]).all()
    assert (joined["quantity"] < joined["ordered"]).any()


def test_no_customer_returns_more_than_was_sent(rows: Rows):
    sent = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "shipped")
    sent = sent.group_by(*LINE).agg(pl.col("quantity").sum().alias("sent"))
    back = rows("returns", "floor").filter(pl.col("event_type") == "received")
    back = back.group_by("order_id", line_id="order_line_id").agg(pl.col("quantity").sum())
    joined = back.join(sent, on=LINE, how="left")
    assert joined["sent"].null_count() == 0
    assert (joined["quantity"] <= joined["sent"]).all()


def test_a_count_finds_the_book_less_what_silently_went_missing(
    rows: Rows, wms_moves: pl.DataFrame, truth: pl.DataFrame
):
    counts = rows("counts")
    silent = truth.filter(pl.col("quantity_kinds").list.contains("count"))
    keys = ["location_id", "sku", *({"lot_id"} & set(counts.columns))]
    booked = counts.join(wms_moves, on=keys).filter(pl.col("at") <= pl.col("counted_at"))
    booked = booked.group_by("count_id").agg(pl.col("change").sum().alias("booked"))
    gone = counts.join(silent, on=keys).filter(
        (pl.col("from_at") <= pl.col("counted_at"))
        & (pl.col("to_at").is_null() | (pl.col("to_at") > pl.col("counted_at")))
    )
    gone = gone.group_by("count_id").agg(pl.col("quantity").sum().alias("gone"))
    joined = counts.join(booked, on="count_id", how="left").join(gone, on="count_id", how="left")
    expected = joined["booked"].fill_null(0) + joined["gone"].fill_null(0)
    assert joined["counted_quantity"].to_list() == expected.to_list()
    assert (joined["gone"].fill_null(0) != 0).any()


def test_business_as_usual_has_its_troubles(rows: Rows):
    events = set(rows("fulfilment_events")["event_type"])
    assert {"short_picked", "unreserved", "delivered"} <= events
    assert {"pending", "failed"} <= set(rows("orders")["payment_status"])
    assert {"review", "cleared"} <= set(rows("orders")["fraud_status"])
    assert {"open", "late", "received"} <= set(rows("purchase_orders")["status"])
    assert "rejected" in set(rows("receipts")["event_type"])
    assert {"shipped", "received"} <= set(rows("transfers")["event_type"])
    assert {"available", "damaged"} <= set(rows("returns")["disposition"].drop_nulls())


def test_some_lines_are_served_late_or_from_two_sites(rows: Rows):
    reserved = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "reserved")
    split = reserved.group_by(*LINE).agg(pl.col("location_id").n_unique(), pl.len())
    assert (split["location_id"] > 1).any()
    placed = rows("orders").select("order_id", "placed_at").unique()
    waited = reserved.join(placed, on="order_id").select(
        days=(pl.col("occurred_at") - pl.col("placed_at")).dt.total_days()
    )
    assert (waited["days"] >= 3).any()


def test_some_orders_are_still_open_at_the_end(rows: Rows):
    shipped = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "shipped")
    gone = rows("orders").filter(pl.col("cancelled_at").is_not_null())
    open_lines = rows("order_lines").join(shipped, on=LINE, how="anti")
    assert not open_lines.join(gone, on="order_id", how="anti").is_empty()
