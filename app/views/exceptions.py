"""Exceptions: the inbox of what somebody must look at, and what to do about each."""

from datetime import datetime
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.charts import exceptions as charts
from app.queries import exceptions, inventory
from app.queries.exceptions import InboxFilter
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go, open_sku
from app.views.parts import SEVERITY_ICONS, chart, tile_columns
from app.views.tables import choose, label
from app.wording import NEXT_STEPS, UNKNOWN, money, plain, plural, words
from ingestion.contracts.vocabulary import Severity

LISTED = 500
MEASURES = {"exception_count": "Number", "quantity": "Units", "amount": "Value"}
TOLD = frozenset({"exception_id", "exception_type", "severity", "subject", "detail", "next_step"})
"""Columns that the detail shows in its own words."""


def show(tower: Tower, go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Exceptions", "What somebody must look at, and what to do about it.")
    chosen = _filter(tower)
    types = exceptions.by_type(tower.reader, chosen)
    if types.is_empty():
        st.info("Nothing needs a look here.", icon=":material/task_alt:")
        return
    columns = tile_columns(4, "exceptions")
    totals = {
        "Exceptions": f"{types['exception_count'].sum():,}",
        "Units": f"{types['quantity'].sum():,}",
        "At stake, at cost": money(sum(types["amount"].drop_nulls(), Decimal(0))),
        "Oldest": plural(max(types["oldest_days"].drop_nulls(), default=0), "day"),
    }
    for column, (name, value) in zip(columns, totals.items(), strict=True):
        column.metric(name, value, border=True)
    _inbox(tower, go, chosen)
    measure = st.segmented_control(
        "Measure",
        list(MEASURES),
        default="exception_count",
        required=True,
        format_func=MEASURES.__getitem__,
        key="exceptions-measure",
        label_visibility="collapsed",
    )
    chart(charts.by_type(types, measure), types, "exception-types")


def _filter(tower: Tower) -> InboxFilter:
    names = inventory.locations(tower.reader)
    kinds = exceptions.exception_types(tower.reader)["exception_type"].to_list()
    search, kind, severity, place = st.columns([2, 2, 1, 2])
    text = search.text_input(
        "Find a SKU or subject", key="exceptions-search", icon=":material/search:"
    )
    severities = {each.value: words(each.value) for each in Severity}
    return InboxFilter(
        exception_type=_choice(kind, "Type", {each: words(each) for each in kinds}),
        severity=_choice(severity, "Severity", severities),
        location_id=_choice(place, "Location", names),
        search=text,
    )


def _choice(column: DeltaGenerator, name: str, options: dict[str, str]) -> str | None:
    return column.selectbox(
        name,
        list(options),
        index=None,
        format_func=options.__getitem__,
        placeholder="Any",
        key=f"exceptions-{name.lower()}",
    )


def _inbox(tower: Tower, go: Go, chosen: InboxFilter) -> None:
    listed = exceptions.inbox(tower.reader, chosen, LISTED)
    more = f" The first {LISTED} are listed." if listed.height == LISTED else ""
    st.caption(f"Choose a row to see what to do about it.{more}")
    row = choose(listed.drop("exception_id"), "inbox", empty="None matches.")
    if row is not None:
        _detail(go, listed.row(row, named=True))


def _detail(go: Go, exception: dict[str, object]) -> None:
    with st.container(border=True, gap="small"):
        icon = SEVERITY_ICONS[Severity(str(exception["severity"]))]
        kind = words(str(exception["exception_type"]))
        st.markdown(f"{icon} **{plain(kind)}** · {plain(exception['subject'])}")
        st.markdown(plain(exception["detail"] or "Nothing more is known about it."))
        step = exception.get("next_step") or NEXT_STEPS.get(str(exception["exception_type"]))
        if step is not None:
            st.markdown(f":material/arrow_forward: Next: {plain(step)}")
        facts = {name: value for name, value in exception.items() if name not in TOLD}
        told = [f"{label(name)}: {_told(value)}" for name, value in facts.items()]
        st.caption(" · ".join(told))
        sku = exception["sku"]
        if sku is not None and st.button(
            f"Open {plain(sku)} in inventory", icon=":material/arrow_forward:"
        ):
            open_sku(go, str(sku))


def _told(value: object) -> str:
    match value:
        case None:
            return UNKNOWN
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case Decimal():
            return money(value)
        case _:
            return plain(value)
