"""Inventory: stock by state and place, then one SKU down to every movement."""

from datetime import timedelta

import polars as pl
import streamlit as st

from app.charts import stock as charts
from app.forms.adjustment import adjustment_form
from app.forms.decision import approvals
from app.queries import inventory
from app.queries import sku as one
from app.queries.inventory import Filter
from app.queries.sku import Facts
from app.serving import Tower
from app.views import frame
from app.views.navigation import (
    PROMISE,
    SKU_TABS,
    Go,
    close,
    not_found,
    open_here,
    opened,
    tabs,
)
from app.views.parts import CHART_CONFIG, chart, command_frame, pending_values, tile_columns
from app.views.promise import derivation
from app.views.tables import choose, table
from app.wording import money, plain, plural

LISTED = 200
SPANS = {30: "30 days", 90: "90 days", 365: "1 year", None: "All"}
MEASURES = {"quantity": "Units", "amount": "Value"}


def show(tower: Tower, _go: Go) -> None:
    """Render the page: the whole stock, or the one SKU that was opened."""
    frame.header(tower, "Inventory", "Where every unit is, and how it got there.")
    sku = opened("sku")
    facts = None if sku is None else one.facts(tower.reader, sku.upper())
    if sku is not None and facts is None:
        not_found("SKU", "sku", tower.reader.number)
    if facts is None:
        chosen = _filter(tower)
        _stock(tower, chosen)
        _sku_list(tower, chosen)
    else:
        st.button("All SKUs", icon=":material/arrow_back:", on_click=close, args=["sku"])
        _sku(tower, facts)
    st.divider()
    st.subheader("Commands that wait for approval", anchor=False)
    approvals(tower, tower.commands, pending_values(tower))


def _filter(tower: Tower) -> Filter:
    names = inventory.locations(tower.reader)
    search, places, category = st.columns([2, 2, 1])
    return Filter(
        search.text_input(
            "Find a SKU or product",
            key="inventory-search",
            placeholder="Code or name",
            icon=":material/search:",
        ),
        tuple(
            places.multiselect(
                "Locations",
                list(names),
                format_func=names.__getitem__,
                placeholder="All locations",
                key="inventory-locations",
            )
        ),
        category.selectbox(
            "Category",
            inventory.categories(tower.reader),
            index=None,
            placeholder="All",
            key="inventory-category",
        ),
    )


def _stock(tower: Tower, chosen: Filter) -> None:
    stock = inventory.stock_by_state(tower.reader, chosen)
    if stock.is_empty():
        st.info("No stock matches. Clear a filter above.", icon=":material/search_off:")
        return
    measure = st.segmented_control(
        "Measure",
        list(MEASURES),
        default="quantity",
        required=True,
        format_func=MEASURES.__getitem__,
        key="inventory-measure",
        label_visibility="collapsed",
    )
    chart(charts.by_state(stock, measure, tower.currency), stock, "stock-by-state")


def _sku_list(tower: Tower, chosen: Filter) -> None:
    found = inventory.skus(tower.reader, chosen, LISTED)
    matches = inventory.count_skus(tower.reader, chosen)
    st.subheader("SKUs", anchor=False)
    row = choose(found, "skus", empty="No SKU matches.")
    wanted = chosen.search.strip().upper() if row is None else found["sku"][row]
    if wanted in set(found["sku"]):
        open_here(sku=wanted)
    shown = "" if matches <= LISTED else f" The {LISTED} with the most valuable stock are listed."
    st.caption(f"{plural(matches, 'SKU')} match.{shown} Choose a row to open one.")


def _sku(tower: Tower, facts: Facts) -> None:
    st.subheader(f"{plain(facts.sku)} · {plain(facts.title)}", anchor=False)
    _facts(facts)
    timeline, places, promise, act = tabs(["Timeline", "Balances", PROMISE, "Adjust"], SKU_TABS)
    with timeline:
        _timeline(tower, facts.sku)
    with places:
        table(one.balances(tower.reader, facts.sku), "balances", empty="No unit of it anywhere.")
    with promise:
        derivation(tower, facts.sku)
    with act:
        _adjust(tower, facts)


def _facts(facts: Facts) -> None:
    numbers = {
        "On hand": f"{facts.on_hand:,}",
        "Available": f"{facts.available:,}",
        "Open demand": f"{facts.open_demand:,}",
        "Oversell exposure": f"{facts.oversell_exposure:,}",
        "Value at cost": money(facts.value, facts.currency),
    }
    for column, (label, value) in zip(tile_columns(5, "sku"), numbers.items(), strict=True):
        column.metric(label, value, border=True)


def _timeline(tower: Tower, sku: str) -> None:
    span = one.span(tower.reader, sku)
    if span is None:
        st.caption("It has never moved.")
        return
    names = inventory.locations(tower.reader)
    place, days, depth = st.columns([2, 2, 2], vertical_alignment="bottom")
    location_id = place.selectbox(
        "Location",
        [None, *names],
        format_func=lambda each: "All locations" if each is None else names[each],
        key="timeline-location",
    )
    window = days.segmented_control(
        "Before the last movement",
        list(SPANS),
        default=90,
        required=True,
        format_func=SPANS.__getitem__,
        key="timeline-days",
    )
    everything = depth.toggle("Also everyday moves inside the building", key="timeline-inside")
    since = None if window is None else span[1] - timedelta(days=window)
    movements = one.timeline(tower.reader, sku, location_id, since)
    shown = movements if everything else charts.notable(movements)
    if shown.is_empty():
        st.caption("No movement changed its stock on hand here in this time.")
        return
    where = "all locations" if location_id is None else names[location_id]
    figure = charts.timeline(shown, sku, where)
    st.plotly_chart(figure, theme=None, config=CHART_CONFIG, key="timeline-chart")
    table(shown.reverse().select(_MOVEMENT_COLUMNS), "movements")


_MOVEMENT_COLUMNS = [
    "occurred_at",
    "movement_type",
    "effect_quantity",
    "balance_quantity",
    "actor",
    "reason",
    "from_account",
    "to_account",
    "quantity",
    "source_system",
    "reference",
    "flag",
    "recorded_at",
    "ingested_at",
]


def _adjust(tower: Tower, facts: Facts) -> None:
    form, history = st.columns([3, 2], gap="large")
    with form:
        names = inventory.locations(tower.reader)
        adjustment_form(tower, facts.sku, names, one.lots(tower.reader, facts.sku))
    with history:
        st.markdown("**Commands on this SKU**")
        own = [each for each in tower.commands if each.subject == facts.sku]
        shown = command_frame(own) if own else pl.DataFrame()
        table(shown, "sku-commands", empty="Nobody has adjusted it from here yet.")
