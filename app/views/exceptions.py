"""Exceptions: the inbox of what somebody must look at, and what to do about each."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.charts import exceptions as charts
from app.forms.decision import approvals
from app.forms.exception import settle_forms, settled_notice
from app.queries import exceptions, inventory
from app.queries.commands import Progress, Stage
from app.queries.exceptions import InboxFilter
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go, not_found, open_sku, opened, opening, row_opened
from app.views.parts import SEVERITY_ICONS, chart, pending_values, tile_columns
from app.views.tables import choose
from app.wording import UNKNOWN, money, plain, plural, words
from ingestion.contracts.vocabulary import ExceptionState, Severity

LISTED = 500
MEASURES = {"exception_count": "Number", "quantity": "Units", "at_risk_amount": "Money at risk"}
WAITING = (ExceptionState.OPEN, ExceptionState.ASSIGNED)
STATE_ICONS = {
    ExceptionState.OPEN: ":blue-badge[:material/inbox: Open]",
    ExceptionState.ASSIGNED: ":violet-badge[:material/person: Assigned]",
    ExceptionState.SNOOZED: ":gray-badge[:material/snooze: Snoozed]",
    ExceptionState.RESOLVED: ":green-badge[:material/task_alt: Resolved]",
}
SHOWN = (
    "at_risk_amount", "due_at", "subject", "exception_type", "priority", "urgency", "is_overdue",
    "state", "owner", "severity", "location", "quantity", "age_days", "detail",
)  # fmt: skip
TIMES = "\N{MULTIPLICATION SIGN}"
BASES = {
    "stated": "as the problem states it",
    "at_cost": "its units at cost",
    "assumed": "assumed by its policy",
}


def show(tower: Tower, go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Exceptions", "What somebody must look at, and what to do about it.")
    settled_notice()
    _approvals(tower)
    chosen = _filter(tower)
    types = exceptions.by_type(tower.reader, chosen)
    if types.is_empty():
        st.info("Nothing needs a look here.", icon=":material/task_alt:")
        _opened(tower, go)
        return
    columns = tile_columns(4, "exceptions")
    totals = {
        "Exceptions": f"{types['exception_count'].sum():,}",
        "Overdue": f"{types['overdue_count'].sum():,}",
        "Money at risk": money(
            sum(types["at_risk_amount"].drop_nulls(), Decimal(0)), tower.currency
        ),
        "Units": f"{types['quantity'].sum():,}",
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
    chart(charts.by_type(types, measure, tower.currency), types, "exception-types")


def _approvals(tower: Tower) -> None:
    about = [each for each in tower.commands if each.is_about_exception]
    waiting = sum(each.stage is Stage.PENDING for each in about)
    if waiting:
        label = f"{plural(waiting, 'resolution')} for somebody's approval"
        with st.expander(label, icon=":material/hourglass_top:"):
            approvals(tower, about, pending_values(tower))


def _filter(tower: Tower) -> InboxFilter:
    states = st.pills(
        "State",
        list(ExceptionState),
        selection_mode="multi",
        default=list(WAITING),
        format_func=words,
        key="exceptions-state",
    )
    names = inventory.locations(tower.reader)
    kinds = exceptions.exception_types(tower.reader)["exception_type"].to_list()
    owners = {each: plain(each) for each in exceptions.owners(tower.reader)}
    search, kind, owner, severity, place = tile_columns(5, "exceptions-filter")
    text = search.text_input(
        "Find a SKU or subject", key="exceptions-search", icon=":material/search:"
    )
    severities = {each.value: words(each.value) for each in Severity}
    return InboxFilter(
        exception_type=_choice(kind, "Type", {each: words(each) for each in kinds}),
        severity=_choice(severity, "Severity", severities),
        location_id=_choice(place, "Location", names),
        search=text,
        states=tuple(states),
        owner=_choice(owner, "Owner", owners),
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
    st.caption(f"The highest priority first. Choose a row to settle it.{more}")
    choose(
        listed.select(SHOWN),
        "inbox",
        empty="None matches.",
        chosen=row_opened(listed, "exception_id"),
        on_choice=opening(listed, "inbox", "exception_id"),
    )
    _opened(tower, go)


def _opened(tower: Tower, go: Go) -> None:
    """The exception that the address opens, whether or not the filter lists it."""
    exception_id = opened("exception_id")
    if exception_id is None:
        return
    exception = exceptions.one(tower.reader, exception_id)
    if exception is None:
        not_found("exception", "exception_id", tower.reader.number)
    else:
        _detail(tower, go, exception)


def _detail(tower: Tower, go: Go, exception: dict[str, Any]) -> None:
    with st.container(border=True, gap="small"):
        _story(exception)
        for each in tower.commands:
            if each.is_open and each.is_about_exception:
                _on_its_way(each, exception["exception_id"])
        left, right = st.columns(2, gap="large")
        with left:
            _terms(exception)
        with right:
            if exception["is_present"]:
                settle_forms(tower, exception["exception_id"], exception["assigned_to"])
            else:
                st.caption(":material/task_alt: Its cause is gone: there is nothing to settle.")
        _ways_on(go, exception)


def _ways_on(go: Go, exception: dict[str, Any]) -> None:
    sku, claim_id = exception["sku"], exception["claim_id"]
    with st.container(horizontal=True):
        if claim_id is not None and st.button(
            "Open the claim and its evidence", icon=":material/arrow_forward:"
        ):
            go("reconciliation", claim_id=str(claim_id))
        if sku is not None and st.button(
            f"Open {plain(sku)} in inventory", icon=":material/arrow_forward:"
        ):
            open_sku(go, str(sku))


def _on_its_way(each: Progress, exception_id: str) -> None:
    if each.subject == exception_id:
        actor = plain(each.standing.entry.actor)
        st.caption(
            f":material/hourglass_top: {plain(each.summary)}, by {actor}: {each.stage.value}"
        )


def _story(exception: dict[str, Any]) -> None:
    icon = SEVERITY_ICONS[Severity(exception["severity"])]
    state = STATE_ICONS[ExceptionState(exception["state"])]
    overdue = " :red-badge[:material/alarm: Overdue]" if exception["is_overdue"] else ""
    kind = plain(words(exception["exception_type"]))
    st.markdown(f"{icon} **{kind}** · {plain(exception['subject'])} {state}{overdue}")
    st.markdown(plain(exception["detail"] or "Nothing more is known about it."))
    if exception["state_detail"] is not None:
        st.markdown(f":material/history: {plain(exception['state_detail'])}")
    if exception["next_step"] is not None and exception["is_present"]:
        st.markdown(f":material/arrow_forward: Next: {plain(exception['next_step'])}")
    facts = {
        "Owner": exception["owner"],
        "Began": exception["first_seen_at"],
        "Due": exception["due_at"],
        "In the inbox since": exception["opened_at"],
        "Came back": exception["reopened_at"],
        "Closed": exception["closed_at"],
        "Evidence": exception["evidence"],
    }
    told = [f"{name}: {_told(value)}" for name, value in facts.items() if value is not None]
    st.caption(" · ".join(told))


def _terms(exception: dict[str, Any]) -> None:
    """Why it stands where it stands: every factor of its priority, and what it rests on."""
    if exception["priority"] is None:
        st.caption("No policy says what this type costs: add it to exception_policies.")
        return
    st.markdown(f"**Priority {exception['priority']:,.2f}** = expected loss {TIMES} urgency")
    waiting = plural(exception["waiting_quantity"], "unit")
    basis = BASES[exception["at_risk_basis"]]
    allowed = plural(exception["sla_hours"], "hour")
    age = f"began {exception['age_hours']:,.0f} hours ago; {allowed} allowed once it is seen"
    terms = [
        ("Money at risk", f"{exception['at_risk_amount']:,.2f}", basis),
        ("Loss rate", f"{TIMES} {exception['loss_rate']:.0%}", "lost where nobody acts"),
        ("Expected loss", f"= {exception['expected_loss_amount']:,.2f}", ""),
        ("Age", f"{TIMES} {exception['age_term']:.2f}", age),
        ("Demand", f"{TIMES} {exception['waiting_term']:.2f}", f"{waiting} waited for"),
        ("Priority", f"= {exception['priority']:,.2f}", ""),
    ]
    frame_ = pl.DataFrame(terms, schema=["term", "value", "because"], orient="row")
    st.table(frame_.rename(words), border="horizontal", hide_index=True)


def _told(value: object) -> str:
    match value:
        case None:
            return UNKNOWN
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case _:
            return plain(value)
