"""One SKU's promise: how it adds up, and for each term the rows of the files behind it."""

import streamlit as st

from app.charts import promise as charts
from app.queries import inventory, promise
from app.queries import sku as one
from app.queries.promise import Place
from app.serving import Tower
from app.views.parts import CHART_CONFIG
from app.views.tables import table
from app.wording import plural

CHART, TERM = "promise-chart", "promise-term"


def derivation(tower: Tower, sku: str) -> None:
    """Show how the promise of `sku` comes about, at the place and for the channel chosen."""
    places, channels = promise.locations(tower.reader, sku), inventory.channels(tower.reader)
    if not places or not channels:
        st.caption("Nothing of it lies anywhere, is asked for or expected: 0 can be promised.")
        return
    place = _place(sku, places, channels)
    terms = promise.terms(tower.reader, place)
    if terms.is_empty():
        st.caption("This channel is promised none of it here.")
        return
    figure, behind = st.columns([2, 3], gap="large")
    with figure:
        st.plotly_chart(
            charts.waterfall(terms, f"{sku}, {places[place.location_id]}"),
            theme=None,
            config=CHART_CONFIG,
            key=CHART,
            on_select=_take_term,
            selection_mode="points",
        )
    with behind:
        _behind(tower, place, terms["term"].to_list())
    with st.expander("Day by day", icon=":material/calendar_view_day:"):
        table(promise.days(tower.reader, place), "promise-days")
    with st.expander("Every place and channel", icon=":material/table_rows:"):
        table(one.availability(tower.reader, sku), "availability")


def _place(sku: str, places: dict[str, str], channels: dict[str, str]) -> Place:
    where, whom = st.columns(2)
    location_id = where.selectbox(
        "Place", list(places), format_func=places.__getitem__, key=f"promise-place-{sku}"
    )
    channel_id = whom.selectbox(
        "Channel", list(channels), format_func=channels.__getitem__, key=f"promise-channel-{sku}"
    )
    return Place(sku, location_id, channel_id)


def _behind(tower: Tower, place: Place, terms: list[str]) -> None:
    if st.session_state.get(TERM) not in terms:
        st.session_state[TERM] = "free"
    term = st.pills("What is behind", terms, format_func=charts.label, key=TERM) or terms[0]
    rows = promise.evidence(tower.reader, place, term)
    if rows.is_empty():
        st.caption("It adds up from the bars around it. Choose one of those.")
        return
    counted = int(rows.filter(rows["is_counted"])["quantity"].sum())
    st.caption(
        f"{plural(rows.height, 'event')} that count for {counted:+,} units; each names the "
        "file and the line it comes from."
    )
    table(rows, "promise-evidence")


def _take_term() -> None:
    """Choose the term whose bar was clicked."""
    points = st.session_state[CHART]["selection"]["points"]
    if points and "customdata" in points[0]:
        term = points[0]["customdata"]
        st.session_state[TERM] = term[0] if isinstance(term, list) else term
