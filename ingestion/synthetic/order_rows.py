"""What customers ordered and what was bought, as rows of orders, order_lines, purchase_orders."""

import numpy as np
import polars as pl

from ingestion.synthetic.clock import DAY, Ints
from ingestion.synthetic.demand import CLEARED, FAILED, NEVER, PENDING, REJECTED, Orders
from ingestion.synthetic.outbound import BY_CUSTOMER, FRAUD_REJECTED, OUT_OF_STOCK, PAYMENT_FAILED
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    code,
    lineage,
    location_code,
    moment,
    money,
    numbers,
    product_code,
    sku_code,
    word,
)
from ingestion.synthetic.world import World

_REASONS = {
    BY_CUSTOMER: "customer_request", OUT_OF_STOCK: "out_of_stock",
    PAYMENT_FAILED: "payment_failed", FRAUD_REJECTED: "fraud_rejected",
}  # fmt: skip
_TIERS = {0: "regular", 1: "plus", 2: "trade"}


def order_rows(history: History) -> pl.DataFrame:
    """The shop's orders: one row when placed, one when a hold ends, one when cancelled."""
    orders, end = history.world.orders, history.world.clock.end
    n = len(orders.placed_at)
    placed = _order_state(orders, np.arange(n), orders.placed_at + 2, settled=False)
    held = np.flatnonzero(orders.held_until > orders.placed_at)
    settled = _order_state(orders, held, orders.held_until[held], settled=True)
    gone = np.flatnonzero(history.cancelled_at < NEVER)
    cancelled = _order_state(orders, gone, history.cancelled_at[gone] + 1, settled=True)
    cancelled = cancelled.with_columns(
        cancelled_at=pl.Series(history.cancelled_at[gone]),
        cancel_reason=word(history.cancel_reason[gone], _REASONS),
    )
    revisions = pl.concat([placed, settled, cancelled], how="diagonal")
    known = revisions.filter(pl.col("recorded_at") <= end).sort(
        "recorded_at", "order", maintain_order=True
    )
    return _spelled_orders(history.world, known)


def _order_state(orders: Orders, rows: Ints, recorded: Ints, *, settled: bool) -> pl.DataFrame:
    payment, fraud = orders.payment[rows], orders.fraud[rows]
    waiting, passed = ("pending", "review"), ("paid", "cleared")
    failed = ("failed", "rejected") if settled else waiting
    unsettled = passed if settled else waiting
    return pl.DataFrame(
        {
            "order": rows, "recorded_at": recorded,
            "payment_status": np.where(
                payment == FAILED, failed[0], np.where(payment == PENDING, unsettled[0], "paid")
            ),
            "fraud_status": np.where(
                fraud == REJECTED, failed[1], np.where(fraud == CLEARED, "cleared", unsettled[1])
            ),
        }
    )  # fmt: skip


def _spelled_orders(world: World, revisions: pl.DataFrame) -> pl.DataFrame:
    orders, row = world.orders, numbers(revisions, "order")
    channels = pl.Series([channel.channel_id for channel in world.model.channels])
    countries = pl.Series([site.country for site in world.model.sites])
    order_id = code("SO-", row)
    transit = orders.promised_at[row] + 4 * DAY
    return revisions.with_columns(
        source_system=pl.lit("shop"), source_event_key=order_id, recorded=moment("recorded_at"),
        order_id=order_id, channel_id=channels.gather(orders.channel[row]),
        placed_at=pl.Series(orders.placed_at[row]), customer_id=code("C", orders.customer[row]),
        customer_tier=word(orders.tier[row], _TIERS),
        promised_ship_by=pl.Series(orders.promised_at[row]),
        promised_delivery_by=pl.Series(transit),
        ship_complete=pl.Series(orders.ship_complete[row] == 1),
        ship_country=countries.gather(orders.site[row]),
        ship_postcode=code("", orders.postcode[row], 5),
        currency=pl.lit(world.model.currency), seconds=pl.col("recorded_at"),
    ).select(
        *lineage(), "order_id", "channel_id", moment("placed_at"), "customer_id", "customer_tier",
        "payment_status", "fraud_status", moment("promised_ship_by"),
        moment("promised_delivery_by"), "ship_complete", "ship_country", "ship_postcode",
        moment("cancelled_at"), "cancel_reason", "currency", "seconds",
    )  # fmt: skip


def order_line_rows(world: World) -> pl.DataFrame:
    """The shop's order lines, as placed."""
    lines = world.order_lines
    placed = world.orders.placed_at[lines.order] + 2
    order_id, line_id = code("SO-", lines.order), code("", lines.number, 1)
    facts = pl.DataFrame(
        {
            "source_event_key": order_id + "|" + line_id, "seconds": placed, "order_id": order_id,
            "line_id": line_id, "sku": product_code(world, lines.product),
            "quantity": lines.quantity, "uom": np.where(lines.pack > 1, "case", "each"),
            "unit_price": money(lines.unit_price), "discount": money(lines.discount),
        }
    ).filter(pl.col("seconds") <= world.clock.end)  # fmt: skip
    uom = ["uom"] if world.model.handles_cases else []
    return facts.with_columns(source_system=pl.lit("shop"), recorded=moment("seconds")).select(
        *lineage(), "order_id", "line_id", "sku", "quantity", *uom, "unit_price", "discount",
        "seconds",
    )  # fmt: skip


def purchase_order_rows(history: History) -> pl.DataFrame:
    """The buying system's order lines: when ordered, when found late, when closed."""
    world, orders, deliveries = history.world, history["po_lines"], history["deliveries"]
    n = len(orders["po"])
    last_at, received = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    np.maximum.at(last_at, deliveries["po_line"], deliveries["put_away_at"])
    np.add.at(received, deliveries["po_line"], deliveries["quantity"])
    rows, due = np.arange(n), orders["due_at"]
    late = np.flatnonzero(last_at > due)
    complete = np.flatnonzero(received >= orders["quantity"])
    states = (
        (rows, orders["ordered_at"] + 5, "open", due),
        (late, due[late] - DAY // 2, "late", last_at[late] // DAY * DAY + DAY),
        (complete, last_at[complete] + DAY // 4, "received", last_at[complete] // DAY * DAY + DAY),
    )
    revisions = pl.concat(
        pl.DataFrame({"row": row, "recorded_at": at, "status": [status] * len(row), "revised": to})
        for row, at, status, to in states
    ).filter(pl.col("recorded_at") <= world.clock.end)
    return _spelled_purchases(history, revisions.sort("recorded_at", "row", maintain_order=True))


def _spelled_purchases(history: History, revisions: pl.DataFrame) -> pl.DataFrame:
    world, orders, row = history.world, history["po_lines"], numbers(revisions, "row")
    key = orders["key"][row]
    sku, supplier = world.sku_of(key), world.catalogue.supplier[world.sku_of(key)]
    pack = world.buying_pack(sku)
    po_id, line_id = code("PO-", orders["po"][row]), code("", orders["line"][row], 1)
    return revisions.with_columns(
        source_system=pl.lit("master"), source_event_key=po_id + "|" + line_id,
        recorded=moment("recorded_at"), po_id=po_id, line_id=line_id,
        supplier_id=code("SUP-", supplier, 3), sku=sku_code(world, sku),
        quantity=pl.Series(orders["quantity"][row] // pack),
        uom=pl.Series(np.where(pack > 1, "case", "each")),
        ordered_at=pl.Series(orders["ordered_at"][row]), due_at=pl.Series(orders["due_at"][row]),
        unit_cost=money(world.catalogue.cost[sku] * pack),
        location_id=location_code(world, world.site_of(key)), seconds=pl.col("recorded_at"),
    ).select(
        *lineage(), "po_id", "line_id", "supplier_id", "sku", "quantity", moment("ordered_at"),
        "uom", moment("due_at"),
        pl.when(pl.col("status") != "open").then(moment("revised")).alias("revised_due_at"),
        "unit_cost", "location_id", "status", "seconds",
    )  # fmt: skip
