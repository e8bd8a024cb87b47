"""Reconciliation: what every system claims, where it differs from the ledger, and why."""

import streamlit as st

from app.charts import reconciliation as charts
from app.queries import claim as one
from app.queries import reconciliation
from app.queries.reconciliation import ClaimFilter
from app.serving import Tower
from app.views import frame
from app.views.claim import show_claim
from app.views.navigation import Go, close, not_found, open_here, opened, tabs
from app.views.parts import chart, tile_columns
from app.views.tables import choose, label, table
from app.wording import UNKNOWN, money, plural, words

LISTED = 500
MEASURES = {"gross_quantity": "Units", "amount": "Value"}


def show(tower: Tower, go: Go) -> None:
    """Render the page: every system's claims, or the one claim that was opened."""
    frame.header(tower, "Reconciliation", "Who says what about the stock, and why they differ.")
    claim_id = opened("claim_id")
    found = None if claim_id is None else one.claim(tower.reader, claim_id)
    if found is not None:
        st.button("All claims", icon=":material/arrow_back:", on_click=close, args=["claim_id"])
        show_claim(tower, go, found)
        return
    if claim_id is not None:
        not_found("claim", "claim_id", tower.reader.number)
    chosen = _filter(tower)
    _tiles(tower, chosen)
    where, claims, incidents, time, oversold, books, suspense = tabs(
        ["Where and why", "Claims", "Incidents", "Over time", "Oversells", "Books", "Suspense"],
        "recon-tab",
    )
    with where:
        _where(tower, chosen)
    with claims:
        _claims(tower, chosen)
    with incidents:
        _incidents(tower, chosen)
    with time:
        _over_time(tower, chosen)
    with oversold:
        _oversells(tower)
    with books:
        _books(tower)
    with suspense:
        _suspense(tower)


def _filter(tower: Tower) -> ClaimFilter:
    search, system, kind = st.columns([2, 1, 1])
    return ClaimFilter(
        search=search.text_input(
            "Find a SKU", key="recon-search", placeholder="Code", icon=":material/search:"
        ),
        system=system.selectbox(
            "System",
            reconciliation.systems(tower.reader),
            index=None,
            placeholder="Every system",
            key="recon-system",
        ),
        quantity_kind=kind.selectbox(
            "What it claims",
            reconciliation.quantity_kinds(tower.reader),
            index=None,
            format_func=words,
            placeholder="Everything",
            key="recon-kind",
        ),
    )


def _tiles(tower: Tower, chosen: ClaimFilter) -> None:
    now = reconciliation.standing(tower.reader, chosen)
    rate = UNKNOWN if now.explained_rate is None else f"{100 * now.explained_rate:.1f} %"
    mending = plural(now.mending_quantity, "more unit")
    tiles = (
        ("Explained share", rate, "Units of the latest claims that have a cause, of all that do."),
        ("Claims that do not tie", f"{now.off_count:,} of {now.claim_count:,}", _LATEST),
        (
            "Units of variance",
            f"{now.gross_quantity:,}",
            f"{_ONCE} {mending} of a late report or another day mend themselves.",
        ),
        (
            "Variance at cost",
            money(now.gross_amount, tower.currency),
            f"{_ONCE} {money(now.mending_amount, tower.currency)} more mend themselves.",
        ),
    )
    for column, (name, value, help_) in zip(tile_columns(4, "recon"), tiles, strict=True):
        column.metric(name, value, border=True, help=help_)


_LATEST = "The latest claim of each system, place, SKU, lot and kind."
_ONCE = (
    "What stands between a system and the ledger, as in Exceptions: each unit once, however many "
    "channels and kinds of quantity show it, and never netted."
)


def _where(tower: Tower, chosen: ClaimFilter) -> None:
    measure = _measure("recon-measure")
    places = reconciliation.by_place(tower.reader, chosen)
    causes = reconciliation.by_cause(tower.reader, chosen)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if places.is_empty():
            st.caption("No claim matches. Clear a filter above.")
        else:
            chart(charts.heat_map(places, measure, tower.currency), places, "recon-places")
    with right:
        if causes.is_empty():
            st.caption(":material/task_alt: Nothing that matches stands against the ledger.")
        else:
            chart(charts.by_cause(causes, measure, tower.currency), causes, "recon-causes")


def _measure(key: str) -> str:
    return st.segmented_control(
        "Measure",
        list(MEASURES),
        default="gross_quantity",
        required=True,
        format_func=MEASURES.__getitem__,
        key=key,
        label_visibility="collapsed",
    )


def _claims(tower: Tower, chosen: ClaimFilter) -> None:
    known = reconciliation.claimed_causes(tower.reader, chosen)
    cause = st.selectbox(
        "Cause",
        known,
        index=None,
        format_func=words,
        placeholder="Every cause",
        key="recon-cause",
    )
    listed = reconciliation.claims(tower.reader, chosen, cause, LISTED)
    more = f" The {LISTED} with the most money are listed." if listed.height == LISTED else ""
    st.caption(f"Choose a row to see its causes and their evidence.{more}")
    row = choose(listed.drop("claim_id"), "claims", empty="Every claim ties with the ledger.")
    if row is not None:
        open_here(claim_id=listed["claim_id"][row])


def _over_time(tower: Tower, chosen: ClaimFilter) -> None:
    days = reconciliation.trend(tower.reader, chosen)
    if days.is_empty():
        st.caption("No statement matches: counts alone make no trend.")
        return
    measure = _measure("recon-trend-measure")
    left, right = st.columns(2, gap="large")
    with left:
        chart(charts.trend(days, measure, tower.currency), days, "recon-trend")
    with right:
        chart(charts.explained(days), days, "recon-explained")


def _oversells(tower: Tower) -> None:
    st.caption(
        "Lines cancelled or short for lack of stock, or accepted without: what their channel "
        "listed then, what was free, and what of it earlier orders had left to promise."
    )
    shown = reconciliation.oversells(tower.reader, LISTED)
    table(shown, "oversells", empty=f"No line was oversold in generation {tower.reader.number}.")


def _incidents(tower: Tower, chosen: ClaimFilter) -> None:
    st.caption(
        "What went wrong once, however many claims show it: how much, for how long nobody saw it, "
        "and whose it is."
    )
    side = st.segmented_control(
        "Seen by",
        list(reconciliation.DIMENSIONS),
        default="cause",
        required=True,
        format_func=label,
        key="recon-side",
        label_visibility="collapsed",
    )
    shown = reconciliation.rollup(tower.reader, side, LISTED)
    if shown.is_empty():
        st.caption(f"No incident names a {side}.")
    else:
        chart(charts.members(shown, side), shown, "recon-members")
    _one_by_one(tower, chosen)


def _one_by_one(tower: Tower, chosen: ClaimFilter) -> None:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    cause = left.selectbox(
        "Cause of the incident",
        reconciliation.incident_causes(tower.reader, chosen),
        index=None,
        format_func=words,
        placeholder="Every cause",
        key="recon-incident-cause",
    )
    only_standing = right.toggle("Only what stands", value=True, key="recon-incident-standing")
    listed = reconciliation.incidents(
        tower.reader, chosen, cause, LISTED, only_standing=only_standing
    )
    more = f" The {LISTED} with the most money are listed." if listed.height == LISTED else ""
    st.caption(f"Choose a row to see the last claim that shows it, and its evidence.{more}")
    blank = [name for name in ("lot_id", "ended_at") if not listed[name].count()]
    row = choose(
        listed.drop("incident_id", "last_claim_id", *blank),
        "incidents",
        empty="No incident matches.",
    )
    if row is not None:
        open_here(claim_id=listed["last_claim_id"][row])


def _books(tower: Tower) -> None:
    st.caption(
        "What finance posted each month against the ledger at unit cost: the part of the "
        "difference that is quantity, and the part that is price. The closing difference is what "
        "all months so far leave: a posting a day late is in the next month with the other sign."
    )
    shown = reconciliation.books(tower.reader)
    table(shown, "books", empty="No system posts what stock is worth.")


def _suspense(tower: Tower) -> None:
    st.caption(
        "Units booked beyond what a document asked for, and units that a system claims and nobody "
        "can explain, until somebody does. Choose an unexplained one to see its claim."
    )
    shown = reconciliation.suspense(tower.reader)
    row = choose(shown.drop("claim_id"), "suspense", empty="Nothing is in suspense.")
    if row is not None and shown["claim_id"][row] is not None:
        open_here(claim_id=shown["claim_id"][row])
