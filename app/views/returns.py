"""Returns: refund, receipt and restock on their own clocks, and what stands only on paper."""

import streamlit as st

from app.charts import returns as charts
from app.queries import returns
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go, open_sku
from app.views.parts import CHART_CONFIG, chart, tile_columns
from app.views.tables import choose, table
from app.wording import money, plain, plural

LISTED = 300
LISTS = {
    "all": "Every return",
    "open": "Open",
    "refunded_first": "Refunded before receipt",
    "exposed": "Refunded, still not received",
    "phantom": "Phantom stock",
}


def show(tower: Tower, go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Returns", "When each was refunded, received and restocked.")
    _tiles(tower)
    spans = returns.open_spans(tower.reader)
    if spans.is_empty():
        st.caption(":material/task_alt: No unit lies between two clocks.")
    else:
        chart(charts.open_spans(spans), spans, "return-spans")
    phantoms = returns.phantom_systems(tower.reader)
    if not phantoms.is_empty():
        st.subheader("Phantom stock", anchor=False)
        st.caption("What each system put on sale before the goods came in, or twice.")
        table(phantoms, "phantom-systems")
    _list(tower, go)


def _tiles(tower: Tower) -> None:
    now = returns.totals(tower.reader)
    tiles = (
        ("Announced, not received", f"{now.awaited_quantity:,} units", ""),
        ("Received, not inspected", f"{now.uninspected_quantity:,} units", ""),
        (
            "Refunded, not received",
            f"{now.exposed_quantity:,} units",
            f"{money(now.exposed_amount, tower.currency)} refunded for goods that are not here",
        ),
        (
            "Phantom stock",
            f"{now.phantom_quantity:,} units",
            f"{money(now.phantom_amount, tower.currency)} at cost, in any system; "
            + plural(now.standing_phantom_quantity, "unit")
            + " still there",
        ),
        (
            "Refunded before receipt",
            plural(now.refunded_first_count, "return"),
            f"of {plural(now.return_count, 'return')}, received since or not",
        ),
    )
    for column, (label, value, words) in zip(tile_columns(5, "returns"), tiles, strict=True):
        with column, st.container(border=True, gap="small", height="stretch"):
            st.metric(label, value)
            st.caption(words)


def _list(tower: Tower, go: Go) -> None:
    st.subheader("Returns", anchor=False)
    search, kind = st.columns([1, 2], vertical_alignment="bottom")
    which = kind.segmented_control(
        "Which returns",
        list(LISTS),
        default="open",
        required=True,
        format_func=LISTS.__getitem__,
        key="returns-which",
        wrap=True,
    )
    text = search.text_input(
        "Find a return, order or SKU", key="returns-search", icon=":material/search:"
    )
    listed = returns.returns(tower.reader, which, text, LISTED)
    if listed.is_empty():
        st.caption(":material/task_alt: No return of this kind.")
        return
    shown = min(listed.height, charts.MOST_RETURNS)
    st.caption(f"The latest {shown} of {plural(listed.height, 'return')} listed are drawn.")
    figure = charts.clocks(listed)
    st.plotly_chart(figure, theme=None, config=CHART_CONFIG, key="returns-clocks")
    row = choose(listed, "returns", empty="No return of this kind.")
    if row is None:
        st.caption("Choose a row to go to its SKU.")
    elif st.button(
        f"Open {plain(listed['sku'][row])} in inventory", icon=":material/arrow_forward:"
    ):
        open_sku(go, listed["sku"][row])
