"""Allocation: the rules in force, what they give each open line, and what another would give."""

import polars as pl
import streamlit as st

from app.charts import allocation as charts
from app.forms.decision import approvals
from app.forms.holding_back import buffer_form, safety_stock_form
from app.forms.rule import Choices, rule_form
from app.queries import allocation, inventory
from app.queries.allocation import LineFilter
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go, open_promise, tabs
from app.views.parts import alerts_since, chart, command_frame, pending_values, tile_columns
from app.views.tables import choose, table
from app.wording import plain, plural
from ingestion.contracts.vocabulary import CommandType

LISTED = 500
PLANNING = frozenset(
    {
        CommandType.SET_ALLOCATION_RULE,
        CommandType.RETIRE_ALLOCATION_RULE,
        CommandType.SET_SAFETY_STOCK,
        CommandType.SET_CHANNEL_BUFFER,
    }
)


def show(tower: Tower, go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Allocation", "Who gets the stock, by which rule, and who goes short.")
    if not alerts_since(tower).is_empty():
        st.caption("Overview lists them, each with what to do next.")
    _tiles(tower)
    plan, rules, availability, draft, back = tabs(
        ["Plan", "Rules", "Available to promise", "Draft a rule", "Hold back"],
        "allocation-tab",
    )
    with plan:
        _plan(tower)
    with rules:
        _rules(tower)
    with availability:
        _availability(tower, go)
    with draft:
        _draft(tower)
    with back:
        _hold_back(tower)


def _tiles(tower: Tower) -> None:
    channels = allocation.by_channel(tower.reader)
    open_units = int(channels["open_quantity"].sum())
    allocated, short = (
        int(channels[column].sum()) for column in ("allocated_quantity", "short_quantity")
    )
    in_force = int(allocation.rules(tower.reader)["is_current"].sum())
    share = f"{100 * allocated / open_units:.1f} % of the open units" if open_units else ""
    columns = tile_columns(4, "allocation")
    columns[0].metric("Open units", f"{open_units:,}", border=True)
    columns[1].metric("Allocated", f"{allocated:,}", border=True, help=share or None)
    columns[2].metric("Short", f"{short:,}", border=True)
    columns[3].metric("Rules in force", f"{in_force:,}", border=True)


def _plan(tower: Tower) -> None:
    channels = allocation.by_channel(tower.reader)
    if channels.is_empty():
        st.caption(":material/task_alt: No open line waits for stock.")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart(charts.by_channel(channels), channels, "plan-channels")
    with right:
        st.markdown("**Why lines are short**")
        reasons = allocation.shortage_reasons(tower.reader)
        table(reasons, "shortage-reasons", empty="No line is short.")
    lines = allocation.plan(tower.reader, _line_filter(tower), LISTED)
    st.caption(
        f"The {LISTED} earliest promises."
        if lines.height == LISTED
        else f"{plural(lines.height, 'line')} by promised ship-by."
    )
    table(lines, "plan", empty="No line matches.")


def _line_filter(tower: Tower) -> LineFilter:
    names = inventory.channels(tower.reader)
    search, channel, short = st.columns([2, 2, 1], vertical_alignment="bottom")
    return LineFilter(
        search=search.text_input("Find an order or SKU", key="plan-search"),
        channel_id=channel.selectbox(
            "Channel",
            [None, *names],
            format_func=lambda each: "Every channel" if each is None else names[each],
            key="plan-channel",
        ),
        only_short=short.toggle("Only short lines", key="plan-short"),
    )


def _rules(tower: Tower) -> None:
    rules = allocation.rules(tower.reader)
    st.caption(
        "The most specific rule speaks: its own channel before every channel, its own SKU before "
        "every SKU. A channel without a rule is served by its own priority."
    )
    shown = rules.drop("channel_id", "location_order")
    table(shown, "rules", empty="No rule has been set: each channel is served by its priority.")
    own = [each for each in tower.commands if each.standing.entry.command_type in PLANNING]
    st.markdown("**Commands on rules, safety stock and buffers**")
    shown = command_frame(own) if own else pl.DataFrame()
    table(shown, "rule-commands", empty="Nothing has been set from here yet.")
    st.markdown("**Commands that wait for approval**")
    approvals(tower, tower.commands, pending_values(tower))


def _availability(tower: Tower, go: Go) -> None:
    st.caption(
        "Over all locations, the largest oversell exposure first. Signed ATP may go below 0."
    )
    search = st.text_input("Find a SKU or product", key="availability-search")
    shown = allocation.availability(tower.reader, search, LISTED)
    st.caption("Choose a row to follow its promise down to the events behind it.")
    row = choose(shown, "availability-network", empty="No SKU matches.")
    if row is not None:
        open_promise(go, shown["sku"][row], shown["channel"][row])


def _draft(tower: Tower) -> None:
    form, effect = st.columns([2, 3], gap="large")
    with form:
        draft = rule_form(tower, _choices(tower))
    with effect:
        if draft is None:
            st.caption(
                ":material/visibility: Preview effect runs the plan's own engine on today's open "
                "lines and stock with the draft among the rules in force. It writes nothing."
            )
            return
        for each in allocation.remarks(tower.reader, draft, tower.now.date()):
            st.warning(plain(each), icon=":material/info:")
        if not allocation.knows(tower.reader, draft.sku):
            return
        preview = allocation.preview(tower.reader, draft)
        changed = int(preview.by_channel["changed_line_count"].sum())
        st.markdown(
            f"**{plural(changed, 'line')} would get another quantity** than in generation "
            f"{tower.reader.number}"
        )
        chart(charts.change(preview.by_channel), preview.by_channel, "preview-channels")
        table(preview.lines, "preview-lines", empty="No line would change.")


def _hold_back(tower: Tower) -> None:
    safety, buffer = st.columns(2, gap="large")
    with safety:
        st.markdown("**Safety stock**")
        st.caption("Kept back from every channel. A new one replaces the one before.")
        safety_stock_form(tower, inventory.locations(tower.reader))
        st.markdown("**In force**")
        table(allocation.safety_stocks(tower.reader), "safety-stocks", empty="No SKU has one yet.")
    with buffer:
        st.markdown("**Channel buffer**")
        st.caption("Kept back from one channel at each location, in place of its rule's buffer.")
        buffer_form(tower, inventory.channels(tower.reader))
        st.markdown("**In force**")
        table(allocation.buffers(tower.reader), "buffers", empty="No channel has one yet.")


def _choices(tower: Tower) -> Choices:
    rules = allocation.revisable(tower.reader, tower.now)
    return Choices(
        inventory.channels(tower.reader),
        inventory.locations(tower.reader),
        {row["rule_id"]: row for row in rules.iter_rows(named=True)},
    )
