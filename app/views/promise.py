"""One SKU's promise: how it adds up, and for each term the rows of the files behind it."""

import polars as pl
import streamlit as st

from app.charts import promise as charts
from app.queries import inventory, promise
from app.queries import sku as one
from app.queries.promise import Place
from app.serving import Tower
from app.views.navigation import PROMISE_CHANNEL, open_here
from app.views.parts import CHART_CONFIG
from app.views.tables import choose, table
from app.wording import plural

CHART, TERM = "promise-chart", "promise-term"
NETWORKS = {"lacking_elsewhere", "kept_for_network"}
"""Terms behind which nothing happened at the place itself: all locations together explain them."""


def derivation(tower: Tower, sku: str) -> None:
    """Show how the promise of `sku` comes about, at the place and for the channel chosen."""
    places, channels = promise.locations(tower.reader, sku), inventory.channels(tower.reader)
    is_kit = _kit(tower, sku)
    if is_kit and not places:
        return
    if not places or not channels:
        st.caption("Nothing of it lies anywhere, is asked for or expected: 0 can be promised.")
        return
    place = _place(sku, places, channels)
    terms = promise.terms(tower.reader, place)
    if terms.is_empty():
        st.caption("This channel is promised none of it here.")
        return
    behind = terms.filter((pl.col("kind") != "total") | (pl.col("term") == "free"))["term"]
    traced = [term for term in behind if term not in NETWORKS]
    figure, days = st.columns([3, 2], gap="large")
    with figure:
        st.plotly_chart(
            charts.waterfall(terms, f"{sku}, {places[place.location_id]}"),
            theme=None,
            config=CHART_CONFIG,
            key=CHART,
            on_select=lambda: _take_term(traced),
            selection_mode="points",
        )
    with days:
        st.markdown("**Day by day**")
        table(promise.days(tower.reader, place), "promise-days")
    _late(tower, sku)
    _evidence(tower, place, traced)
    with st.expander("Every place and channel", icon=":material/table_rows:"):
        table(one.availability(tower.reader, sku), "availability")


def _kit(tower: Tower, sku: str) -> bool:
    """Show what the components of a kit make; False where the SKU is no kit."""
    promised = promise.kit(tower.reader, sku)
    if promised.is_empty():
        return False
    waited = promise.kit_demand(tower.reader, sku)
    first = promised.row(0, named=True)
    st.markdown(
        f"A kit, put together from its components: **{max(first['available_quantity'], 0):,}** can "
        f"be promised, {waited:,} are asked for and have not left."
    )
    parts = promise.kit_components(tower.reader, sku)
    row = choose(parts, "kit-components", empty="Nothing of its components lies anywhere.")
    if row is not None:
        open_here(sku=parts["sku"][row])
    st.caption("The scarcest component comes first. Choose a row to open it.")
    with st.expander("The kit at every place and channel", icon=":material/table_rows:"):
        table(promised, "kit-availability")
    return True


def _late(tower: Tower, sku: str) -> None:
    """Name the orders that late supply endangers, at whatever place they wait."""
    late = promise.late_supply(tower.reader, sku)
    if late.is_empty():
        return
    endangered = sorted(set(late["endangered_lines"].explode().drop_nulls()))
    st.markdown(f"**Late supply: {plural(len(endangered), 'order line')} in danger**")
    table(late, "late-supply")


def _place(sku: str, places: dict[str, str], channels: dict[str, str]) -> Place:
    where, whom = st.columns(2)
    location_id = where.selectbox(
        "Place",
        list(places),
        format_func=places.__getitem__,
        key="promise-place",
        bind="query-params",
    )
    channel_id = whom.selectbox(
        "Channel",
        list(channels),
        format_func=channels.__getitem__,
        key=PROMISE_CHANNEL,
        bind="query-params",
    )
    return Place(sku, location_id, channel_id)


def _evidence(tower: Tower, place: Place, terms: list[str]) -> None:
    if st.session_state.get(TERM) not in terms:
        st.session_state[TERM] = terms[0]
    term = st.pills("What is behind", terms, format_func=charts.label, key=TERM) or terms[0]
    rows = promise.evidence(tower.reader, place, term)
    if rows.is_empty():
        st.caption("Nothing has happened to it yet.")
        return
    counted = int(rows.filter(rows["is_counted"])["quantity"].sum())
    st.caption(
        f"{counted:+,} units out of {plural(rows.height, 'event')}; each names the file and the "
        "line it comes from. Choose another term here or click its bar."
    )
    table(rows, "promise-evidence")


def _take_term(terms: list[str]) -> None:
    """Choose the term whose bar was clicked, where there is something behind it."""
    points = st.session_state[CHART]["selection"]["points"]
    clicked = {str(code) for point in points for code in _listed(point.get("customdata"))}
    for term in clicked.intersection(terms):
        st.session_state[TERM] = term


def _listed(customdata: object) -> list[object]:
    return customdata if isinstance(customdata, list) else [customdata]  # pyright: ignore[reportUnknownVariableType]
