"""Lots: what expires when, what went out in the wrong order, and the trace for a recall."""

from decimal import Decimal

import streamlit as st

from app.charts import lots as charts
from app.queries import lots
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go, opened, opening, row_opened, tabs
from app.views.parts import CHART_CONFIG, chart, tile_columns
from app.views.tables import choose, table
from app.wording import money, plain, plural, words

LISTED = 500
TRACE = "Recall trace"


def show(tower: Tower, _go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Lots", "What expires when, and where every lot has been.")
    expiry, breaches, recall = tabs(
        ["Expiry", "FEFO breaches", TRACE], "lots-tab", TRACE if opened("lot_id") else None
    )
    with expiry:
        _expiry(tower)
    with breaches:
        st.caption(
            "First expired, first out: each row is a pick that took a later lot while units of an "
            "earlier one lay free at the same place."
        )
        found = lots.fefo_breaches(tower.reader, LISTED)
        table(found, "fefo-breaches", empty="Every pick took the lot that expires first.")
    with recall:
        _recall(tower)


def _expiry(tower: Tower) -> None:
    horizons = lots.horizons(tower.reader)
    if horizons.is_empty():
        st.info(
            "No lot with an expiry date is on hand. Receipts that name a lot_id and its expires_on "
            "bring them here.",
            icon=":material/science:",
        )
        return
    tiles = {
        "Lots on hand": f"{horizons['lot_count'].sum():,}",
        "Units on hand": f"{horizons['on_hand_quantity'].sum():,}",
        "Will expire unsold": f"{horizons['risk_quantity'].sum():,} units",
        "Value on hand": money(sum(horizons["amount"].drop_nulls(), Decimal(0)), tower.currency),
    }
    for column, (label, value) in zip(tile_columns(4, "lots"), tiles.items(), strict=True):
        column.metric(label, value, border=True)
    chart(charts.horizons(horizons), horizons, "lot-horizons")
    search, horizon = st.columns([2, 1])
    text = search.text_input("Find a SKU or lot", key="lots-search", icon=":material/search:")
    chosen = horizon.selectbox(
        "Expires",
        horizons["horizon"].to_list(),
        index=None,
        format_func=words,
        placeholder="At any time",
        key="lots-horizon",
    )
    found = lots.expiring(tower.reader, chosen, text, LISTED)
    table(found, "expiring", empty="No lot matches.")


def _recall(tower: Tower) -> None:
    text = st.text_input(
        "Find a lot, SKU, order or supplier order",
        key="recall-search",
        icon=":material/search:",
    )
    of_order = lots.lots_of_order(tower.reader, text) if text.strip() else None
    if of_order is not None and not of_order.is_empty():
        st.markdown(f"**What order {plain(text.strip())} got**")
        table(of_order, "order-lots")
    found = lots.lots(tower.reader, text, LISTED)
    st.caption("Choose a lot to see every supplier order, place and order that had it.")
    choose(
        found,
        "traced-lots",
        empty="No lot, SKU or order of this code was traced.",
        chosen=row_opened(found, "sku", "lot_id"),
        on_choice=opening(found, "traced-lots", "sku", "lot_id"),
    )
    sku, lot_id = opened("sku"), opened("lot_id")
    if sku is not None and lot_id is not None:
        _trace(tower, sku, lot_id)


def _trace(tower: Tower, sku: str, lot_id: str) -> None:
    trace = lots.trace(tower.reader, sku, lot_id)
    st.subheader(f"Lot {plain(lot_id)} of {plain(sku)}", anchor=False)
    figure = charts.flow(trace, lot_id)
    st.plotly_chart(figure, theme=None, config=CHART_CONFIG, key="lot-flow")
    for trace_type, title, columns in _SIDES:
        rows = trace.filter(trace["trace_type"] == trace_type).select(columns)
        st.markdown(f"**{title}: {plural(int(rows['quantity'].sum()), 'unit')}**")
        table(rows, f"trace-{trace_type}", empty="None.")


_INSTANTS = ("first_at", "last_at")
_SIDES = (
    ("received", "Came by", ["po_id", "supplier", "location", "quantity", *_INSTANTS]),
    ("corrected", "Found, lost or destroyed", ["location", "state", "quantity", *_INSTANTS]),
    ("held", "Lies at", ["location", "state", "quantity", *_INSTANTS]),
    (
        "shipped",
        "Went to",
        ["order_id", "order_line_id", "customer_id", "location", "quantity", *_INSTANTS],
    ),
)
