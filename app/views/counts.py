"""Counts: what they propose to book, what to count next, and which picks went wrong."""

from typing import Any

import polars as pl
import streamlit as st

from app.charts import counts as charts
from app.forms.adjustment import FORM, Proposed, adjustment_form
from app.forms.sending import show_notice
from app.queries import counts, inventory
from app.queries import sku as one
from app.queries.commands import Progress
from app.queries.counts import CountFilter
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go, opening, row_opened, tabs
from app.views.parts import chart, command_frame, tile_columns
from app.views.tables import choose, table
from app.wording import UNKNOWN, plain, words

LISTED = 500
KINDS = {
    "worker": "Worker",
    "bin": "Bin",
    "worker_bin": "Worker in a bin",
    "sku_pair": "Pair of SKUs",
}
HIDDEN = (
    "claim_id",
    "location_id",
    "from_state",
    "to_state",
    "reason_code",
    "is_verification_first",
)


def show(tower: Tower, go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Counts", "What counts found, what to count next, and wrong picks.")
    chosen = _filter(tower)
    _tiles(tower, chosen)
    proposed, planned, mispicks, held = tabs(
        ["Proposals", "Count plan", "Wrong picks", "Did it hold"], "counts-tab"
    )
    with proposed:
        _proposals(tower, go, chosen)
    with planned:
        _plan(tower, chosen)
    with mispicks:
        _mispicks(tower, chosen)
    with held:
        st.caption(
            "Each adjustment after a count, and what the next count of the same stock found."
        )
        found = counts.efficacy(tower.reader, chosen, LISTED)
        table(found, "adjustment-efficacy", empty="No count has led to an adjustment yet.")


def _filter(tower: Tower) -> CountFilter:
    names = inventory.locations(tower.reader)
    search, place = st.columns([2, 1])
    return CountFilter(
        search=search.text_input(
            "Find a SKU", key="counts-search", placeholder="Code", icon=":material/search:"
        ),
        location_id=place.selectbox(
            "Location",
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder="Every location",
            key="counts-location",
        ),
    )


def _tiles(tower: Tower, chosen: CountFilter) -> None:
    now = counts.standing(tower.reader, chosen)
    rate, between = UNKNOWN, "None was counted again yet."
    if now.held_rate is not None:
        rate = f"{100 * now.held_rate:.0f} %"
        between = (
            f"{now.held_count:,} of {now.recounted_count:,} counted again; between "
            f"{100 * (now.low_rate or 0):.0f} and {100 * (now.high_rate or 0):.0f} % at 95 %."
        )
    tiles = (
        ("Open proposals", f"{now.open_count:,}", "Counts whose difference nobody booked."),
        ("Second count first", f"{now.verification_count:,}", "Somebody else should count, blind."),
        ("Due to be counted", f"{now.due_count:,}", "By the interval of their ABC class."),
        ("Adjustments that held, ever", rate, f"At the next count. {between}"),
    )
    for column, (label, value, help_) in zip(tile_columns(4, "counts"), tiles, strict=True):
        column.metric(label, value, border=True, help=help_)


def _proposals(tower: Tower, go: Go, chosen: CountFilter) -> None:
    st.caption(
        "Nothing here is booked. Choose a row to send it as an adjustment, under the same approval "
        "as any other."
    )
    found = counts.proposals(tower.reader, chosen, LISTED)
    row = row_opened(found, "claim_id")
    hidden = HIDDEN if found["lot_id"].count() else (*HIDDEN, "lot_id")
    choose(
        found.drop(hidden).select("sku", "quantity", pl.exclude("sku", "quantity")),
        "count-proposals",
        empty="Every count that matches is settled.",
        chosen=row,
        on_choice=opening(found, "count-proposals", "claim_id"),
    )
    if row is not None:
        _proposal(tower, go, found.row(row, named=True))


def _proposal(tower: Tower, go: Go, each: dict[str, Any]) -> None:
    lot = "" if each["lot_id"] is None else f" · lot {plain(each['lot_id'])}"
    st.subheader(f"{plain(each['sku'])} at {plain(each['location'])}{lot}", anchor=False)
    st.caption(
        f"{each['quantity']:+,} units, from {words(each['from_state']).lower()} to "
        f"{words(each['to_state']).lower()}: {words(each['cause']).lower()}, confidence "
        f"{each['confidence']:.2f}. Second count: {words(each['verification']).lower()}."
    )
    if each["is_verification_first"]:
        st.warning(
            "Let somebody else count it first, without showing the book or the first count.",
            icon=":material/visibility_off:",
        )
    if st.button("See causes and evidence", icon=":material/balance:"):
        go("reconciliation", claim_id=each["claim_id"])
    own = [command for command in tower.commands if command.subject == each["sku"]]
    form, history = st.columns([3, 2], gap="large")
    with form:
        _form(tower, each, own)
    with history:
        st.markdown("**Commands on this SKU**")
        shown = command_frame(own) if own else pl.DataFrame()
        table(shown, "count-commands", empty="Nobody has adjusted it from here yet.")


def _form(tower: Tower, each: dict[str, Any], own: list[Progress]) -> None:
    """The adjustment form filled in with the proposal, unless it was sent and is on its way."""
    if any(
        command.is_adjustment
        and command.is_open
        and command.payload["location_id"] == each["location_id"]
        for command in own
    ):
        show_notice(FORM)
        st.info("An adjustment of it is on its way.", icon=":material/hourglass_top:")
        return
    proposed = Proposed(
        each["claim_id"],
        each["location_id"],
        each["quantity"],
        each["reason_code"],
        each["lot_id"],
        f"Count of {each['counted_at']:%Y-%m-%d}: {words(each['cause']).lower()}",
    )
    names = inventory.locations(tower.reader)
    lots = one.lots(tower.reader, each["sku"])
    adjustment_form(tower, each["sku"], names, lots, proposed)


def _plan(tower: Tower, chosen: CountFilter) -> None:
    due_only = st.toggle("Only what is due", key="counts-due")
    found = counts.plan(tower.reader, chosen, LISTED, due_only=due_only)
    if found.is_empty():
        st.caption(":material/task_alt: Nothing to count in this selection.")
        return
    st.caption(
        "Second counts come first, then what an error would cost: the SKU's past errors, drawn "
        "towards its ABC class, times what came, left or lay there since its last count."
    )
    chart(charts.risk(found, tower.currency), found.head(charts.SHOWN), "count-risk")
    table(found, "count-plan")


def _mispicks(tower: Tower, chosen: CountFilter) -> None:
    kind = st.segmented_control(
        "Of whom or what",
        list(KINDS),
        default="worker",
        required=True,
        format_func=KINDS.__getitem__,
        key="counts-kind",
        label_visibility="collapsed",
    )
    found = counts.rates(tower.reader, chosen, kind, LISTED)
    if found.is_empty():
        st.caption(":material/task_alt: No pick of this selection is suspected.")
    else:
        st.caption(
            "Suspicions, not proofs: rates of few picks are drawn towards the average and ranked "
            "by the least they can be."
        )
        chart(charts.rates(found), found, "mispick-rates")
    st.subheader("Signs", anchor=False)
    table(counts.signals(tower.reader, chosen, LISTED), "mispick-signals", empty="No sign.")
