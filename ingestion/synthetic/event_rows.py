"""A system's reports as rows of the canonical event feeds."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import polars as pl

from ingestion.synthetic import journal as steps
from ingestion.synthetic.clock import Ints
from ingestion.synthetic.journal import Step
from ingestion.synthetic.returns import DAMAGED, QUARANTINED, REASONS, RESTOCKED, SCRAPPED
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    bin_code,
    carrier_name,
    code,
    known,
    lineage,
    location_code,
    moment,
    money,
    numbers,
    reported,
    tracking_number,
    word,
    worker_code,
)
from ingestion.synthetic.systems import Role, System
from ingestion.synthetic.world import World

_PACKAGING_G = 140
_DISPOSITIONS = MappingProxyType(
    {RESTOCKED: "available", DAMAGED: "damaged", QUARANTINED: "quarantined", SCRAPPED: "scrapped"}
)
_CONDITIONS = MappingProxyType(
    {RESTOCKED: "as_new", DAMAGED: "damaged", QUARANTINED: "unclear", SCRAPPED: "destroyed"}
)
_ADJUSTED = MappingProxyType(
    {
        Step.OPENED: ("opening", "", ""), Step.CORRECTED: ("count_correction", "", ""),
        Step.BROKEN: ("damaged", "available", "damaged"),
        Step.EXPIRED: ("expired", "available", "expired"),
        Step.RECALLED: ("recall", "available", "quarantined"),
        Step.DISCARDED: ("scrapped", "expired", "scrapped"),
        Step.QUARANTINED: ("quality_hold", "available", "quarantined"),
        Step.RELEASED: ("released", "quarantined", "available"),
    }
)  # fmt: skip
_FULFILMENT = MappingProxyType({step: step.name.lower() for step in steps.OUTBOUND})
_RECEIPT = MappingProxyType(
    {
        Step.ANNOUNCED: "asn_shipped", Step.ARRIVED: "arrived", Step.RECEIVED: "received",
        Step.REJECTED: "rejected", Step.PUT_AWAY: "put_away", Step.TRANSFER_PUT_AWAY: "put_away",
        Step.LOT_ARRIVED: "arrived",
    }
)  # fmt: skip
_TRANSFER = MappingProxyType({Step.TRANSFER_SHIPPED: "shipped", Step.TRANSFER_RECEIVED: "received"})
_RETURN = MappingProxyType(
    {
        Step.RETURN_REQUESTED: "requested", Step.RETURN_SHIPPED: "shipped_back",
        Step.RETURN_RECEIVED: "received", Step.RETURN_INSPECTED: "inspected",
        Step.RETURN_RESTOCKED: "restocked", Step.RETURN_SCRAPPED: "scrapped",
        Step.RETURN_REFUNDED: "refunded",
    }
)  # fmt: skip
RowMaker = Callable[[History, System, pl.DataFrame], pl.DataFrame]


def fulfilment_rows(history: History, system: System, reports: pl.DataFrame) -> pl.DataFrame:
    """Rows of fulfilment_events; only the WMS knows workers, bins and parcel weights."""
    world, chunks = history.world, history["chunks"]
    row, step = numbers(reports, "row"), numbers(reports, "step")
    line, picked = chunks["line"][row], chunks["picked"][row]
    taken = world.sku_of(chunks["taken"][row])
    weight = world.catalogue.weight[taken] * picked * 100 // 98 + _PACKAGING_G
    facts = reported(world, system, reports).with_columns(
        order_id=code("SO-", world.lines.order[line]),
        line_id=code("", world.lines.number[line], 1),
        event_type=word(step, _FULFILMENT),
        bin_id=bin_code(world.place_of(numbers(reports, "key"))),
        worker_id=worker_code(world, numbers(reports, "key"), line),
        task_started_at=pl.Series(chunks["started_at"][row]),
        carrier=carrier_name(line),
        tracking_number=tracking_number(row),
        parcel_weight_g=pl.Series(weight),
    )
    pack = world.order_lines.pack[world.lines.order_line[line]]
    return _only_what_is_known(_in_cases(world, system, facts, pack), system)


def _in_cases(world: World, system: System, facts: pl.DataFrame, pack: Ints) -> pl.DataFrame:
    """Where a floor reports in cases, quantities that are whole cases of `pack`, with their uom."""
    if not world.model.handles_cases or system.role is not Role.FLOOR:
        return facts
    whole = (pl.lit(pack) > 1) & (pl.col("quantity") % pl.lit(pack) == 0)
    return facts.with_columns(
        quantity=pl.when(whole).then(pl.col("quantity") // pl.lit(pack)).otherwise("quantity"),
        uom=pl.when(whole).then(pl.lit("case")).otherwise(pl.lit("each")),
    )


def _only_what_is_known(facts: pl.DataFrame, system: System) -> pl.DataFrame:
    """Leave a step only the columns that its system can know of it."""
    handled = pl.col("step").is_between(int(Step.PICKED), int(Step.PACKED))
    left = pl.col("step") >= int(Step.SHIPPED)
    on_floor = handled if system.role is Role.FLOOR else pl.lit(value=False)
    weighed = left & (pl.col("step") == Step.SHIPPED) & pl.lit(system.role is Role.FLOOR)
    return facts.select(
        *lineage(), "event_type", moment("at").alias("occurred_at"), "order_id", "line_id",
        "sku", "quantity", *known(facts, "uom", "lot_id"), "location_id",
        pl.when(on_floor & (pl.col("step") != Step.PACKED)).then("bin_id").alias("bin_id"),
        pl.when(on_floor).then("worker_id").alias("worker_id"),
        pl.when(on_floor & (pl.col("step") != Step.PACKED)).then(moment("task_started_at"))
        .alias("task_started_at"),
        pl.when(on_floor & (pl.col("step") == Step.PICKED)).then("sku").alias("scanned_code"),
        pl.when(left).then("carrier").alias("carrier"),
        pl.when(left).then("tracking_number").alias("tracking_number"),
        pl.when(weighed).then("parcel_weight_g").alias("parcel_weight_g"),
        pl.when(pl.col("step") == Step.SHORT_PICKED).then(pl.lit("not_in_bin")).alias("reason"),
    )  # fmt: skip


def receipt_rows(history: History, system: System, reports: pl.DataFrame) -> pl.DataFrame:
    """Rows of receipts; a transfer's put-away names the transfer as its reason."""
    world, deliveries, orders = history.world, history["deliveries"], history["po_lines"]
    row, step = numbers(reports, "row"), numbers(reports, "step")
    bought = ~np.isin(step, (Step.TRANSFER_PUT_AWAY, Step.LOT_ARRIVED))
    line = deliveries["po_line"][np.where(bought, row, 0)]
    facts = reported(world, system, reports).with_columns(
        event_type=word(step, _RECEIPT),
        po_id=code("PO-", orders["po"][line]),
        po_line_id=code("", orders["line"][line], 1),
        transfer_id=code("TR-", row),
        bin_id=bin_code(world.place_of(numbers(reports, "key"))),
        bought=pl.Series(bought),
    )
    stored, rejected = pl.col("event_type") == "put_away", pl.col("event_type") == "rejected"
    pack = np.where(bought, world.buying_pack(world.sku_of(numbers(reports, "key"))), 1)
    facts = _in_cases(world, system, facts, pack)
    return facts.select(
        *lineage(), "event_type", moment("at").alias("occurred_at"), "sku", "quantity",
        *known(facts, "uom", "lot_id", "expires_on"),
        pl.when("bought").then("po_id").alias("po_id"),
        pl.when("bought").then("po_line_id").alias("po_line_id"), "location_id",
        pl.when(stored).then("bin_id").alias("bin_id"),
        pl.when(rejected).then(pl.lit("damaged")).alias("condition"),
        pl.when(rejected).then(pl.lit("damaged_on_arrival"))
        .when(pl.col("step") == Step.TRANSFER_PUT_AWAY).then("transfer_id").alias("reason"),
    )  # fmt: skip


def transfer_rows(history: History, system: System, reports: pl.DataFrame) -> pl.DataFrame:
    """Rows of transfers."""
    table, row = history["transfers"], numbers(reports, "row")
    facts = reported(history.world, system, reports).with_columns(
        event_type=word(numbers(reports, "step"), _TRANSFER),
        transfer_id=code("TR-", row),
        from_location_id=location_code(history.world, table["donor"][row]),
        to_location_id=location_code(history.world, table["needy"][row]),
    )
    return facts.select(
        *lineage(), "event_type", moment("at").alias("occurred_at"), "transfer_id", "sku",
        "quantity", *known(facts, "lot_id"), "from_location_id", "to_location_id",
    )  # fmt: skip


def return_rows(history: History, system: System, reports: pl.DataFrame) -> pl.DataFrame:
    """Rows of returns; the SKU is the one that really comes back, the location where to."""
    world, table = history.world, history["returns"]
    row, step = numbers(reports, "row"), numbers(reports, "step")
    line, outcome = table["line"][row], table["outcome"][row]
    ordered, lines = world.lines.order_line[line], world.order_lines
    price = np.where(
        lines.product[ordered] < world.catalogue.size,
        lines.unit_price[ordered] // lines.pack[ordered],
        world.catalogue.price[world.lines.sku[line]],
    )
    refund = price * table["quantity"][row]
    facts = reported(world, system, reports).with_columns(
        event_type=word(step, _RETURN),
        return_id=code("RT-", row),
        order_id=code("SO-", world.lines.order[line]),
        order_line_id=code("", world.lines.number[line], 1),
        reason=pl.Series(REASONS).gather(table["reason"][row]),
        disposition=word(outcome, _DISPOSITIONS),
        condition=word(outcome, _CONDITIONS),
        refund_amount=money(refund),
    )
    judged = pl.col("step").is_in(
        [int(step) for step in (Step.RETURN_INSPECTED, Step.RETURN_RESTOCKED, Step.RETURN_SCRAPPED)]
    )
    return facts.select(
        *lineage(), "event_type", moment("at").alias("occurred_at"), "return_id", "sku",
        "quantity", *known(facts, "lot_id"), "order_id", "order_line_id", "reason",
        pl.when(judged).then("condition").alias("condition"),
        pl.when(judged).then("disposition").alias("disposition"),
        "location_id",
        pl.when(pl.col("step") == Step.RETURN_REFUNDED).then("refund_amount")
        .alias("refund_amount"),
    )  # fmt: skip


def adjustment_rows(history: History, system: System, reports: pl.DataFrame) -> pl.DataFrame:
    """Rows of adjustments; some move units between states, the others only change on_hand."""
    step, key = numbers(reports, "step"), numbers(reports, "key")
    facts = reported(history.world, system, reports).with_columns(
        reason_code=word(step, {kind: reason for kind, (reason, *_) in _ADJUSTED.items()}),
        source=word(step, {kind: source for kind, (_, source, _) in _ADJUSTED.items()}),
        target=word(step, {kind: target for kind, (*_, target) in _ADJUSTED.items()}),
        actor=worker_code(history.world, key, history.world.place_of(key)),
    )
    counted, gone = pl.col("step") == Step.CORRECTED, pl.col("step") == Step.DISCARDED
    return facts.select(
        *lineage(), moment("at").alias("occurred_at"), "location_id", "sku",
        pl.when(gone).then(-pl.col("quantity")).otherwise("quantity").alias("quantity"),
        "reason_code", *known(facts, "lot_id"),
        pl.when(pl.col("source") != "").then("source").alias("from_state"),
        pl.when(pl.col("target") != "").then("target").alias("to_state"), "actor",
        pl.when(counted).then(pl.lit("inventory-control")).alias("approved_by"),
    )  # fmt: skip


def posting_rows(history: History, system: System, reports: pl.DataFrame) -> pl.DataFrame:
    """Rows of postings: the effect on booked stock, at standard cost."""
    world, step = history.world, numbers(reports, "step")
    change, key = numbers(reports, "on_hand"), numbers(reports, "key")
    cost = world.catalogue.cost[world.sku_of(key)]
    facts = reported(world, system, reports).with_columns(
        posting_id=code("FP-", numbers(reports, "event"), 9),
        reference_type=word(step, _POSTINGS),
        reference_id=_references(history, reports),
        change=pl.Series(change),
        amount=money(change * cost),
    )
    return facts.select(
        *lineage(), "posting_id", moment("recorded_at").alias("posted_at"),
        "reference_type", "reference_id", "sku", pl.col("change").alias("quantity"), "amount",
        pl.concat_str(pl.lit("inventory:"), "location_id").alias("account"),
    )  # fmt: skip


_POSTINGS = MappingProxyType(
    {
        Step.RECEIVED: "receipt", Step.REJECTED: "receipt", Step.SHIPPED: "shipment",
        Step.RETURN_RECEIVED: "return", Step.RETURN_SCRAPPED: "return_scrap",
        Step.TRANSFER_SHIPPED: "transfer_shipped", Step.TRANSFER_RECEIVED: "transfer_received",
        Step.OPENED: "adjustment", Step.CORRECTED: "adjustment", Step.DISCARDED: "adjustment",
    }
)  # fmt: skip


def _references(history: History, reports: pl.DataFrame) -> pl.Series:
    row, step = numbers(reports, "row"), numbers(reports, "step")
    chunks, lines = history["chunks"], history.world.lines
    po = history["po_lines"]["po"][history["deliveries"]["po_line"]]
    spellings: tuple[tuple[str, tuple[Step, ...], Ints | None], ...] = (
        ("SO-", (Step.SHIPPED,), lines.order[chunks["line"]]),
        ("PO-", (Step.RECEIVED, Step.REJECTED), po),
        ("RT-", (Step.RETURN_RECEIVED, Step.RETURN_SCRAPPED), None),
        ("TR-", steps.TRANSFERS, None),
        ("AD-", steps.ADJUSTMENTS, None),
    )
    number, prefix = np.zeros_like(row), np.zeros_like(row)
    for position, (_, kinds, numbered) in enumerate(spellings):
        rows = np.flatnonzero(np.isin(step, kinds))
        number[rows] = row[rows] if numbered is None else numbered[row[rows]]
        prefix[rows] = position
    return pl.Series([text for text, *_ in spellings]).gather(prefix) + code("", number)
