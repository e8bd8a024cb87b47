"""The forms that set and retire an allocation rule, and the draft they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import streamlit as st

from app.forms.identity import permitted
from app.forms.sending import Form, command_id, field, remembered, send, show_notice
from app.queries.allocation import DraftRule
from app.serving import Tower
from ingestion.contracts.commands import EVERYTHING
from ingestion.contracts.vocabulary import CommandType

NEW = "New rule"
TOPIC = "rule"
Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Choices:
    """What the form offers: names by id, and the newest version of each rule in force."""

    channels: Mapping[str, str]
    locations: Mapping[str, str]
    rules: Mapping[str, Rule]


@dataclass(frozen=True)
class Number:
    """One of the rule's whole numbers, as the form asks for it."""

    column: str
    label: str
    help: str
    default: int = 0


NUMBERS = (
    Number("channel_priority", "Priority", "Lower is served first", 10),
    Number(
        "ring_fence_quantity",
        "Ring-fence, units",
        "Units of each SKU that only this channel may take",
    ),
    Number(
        "buffer_quantity",
        "Buffer, units",
        "Units of each SKU at each location that this channel may not touch",
    ),
)


def rule_form(tower: Tower, choices: Choices) -> DraftRule | None:
    """Let the actor draft, preview and set a rule; return the draft to preview, if any."""
    show_notice(TOPIC)
    chosen = st.selectbox("Rule", [NEW, *choices.rules], key="rule-chosen")
    form = f"{TOPIC}.{chosen}"
    version = remembered(form, "version", lambda: _version(tower, chosen))
    with st.form(f"{form}-{command_id(form)}", border=True):
        fields = _fields(form, choices, chosen)
        validity = _validity(form, tower.now.date())
        note = st.text_input("Why, in your words", max_chars=500, key=field(form, "note"))
        left, right = st.columns(2)
        previewed = left.form_submit_button(
            "Preview effect", icon=":material/visibility:", width="stretch"
        )
        submitted = right.form_submit_button(
            "Set rule", type="primary", icon=":material/rule:", width="stretch"
        )
    if submitted and permitted(tower, CommandType.SET_ALLOCATION_RULE):
        payload = fields | validity | {"expected_version": version}
        send(tower, Form(form, TOPIC), CommandType.SET_ALLOCATION_RULE, payload, note)
    if chosen != NEW:
        _retire(tower, chosen)
    if previewed:
        st.session_state[f"{form}.draft"] = _draft(fields, version + 1)
    return st.session_state.get(f"{form}.draft")


def _version(tower: Tower, chosen: str) -> int:
    return 0 if chosen == NEW else tower.log.rule_version(chosen)


def _fields(form: str, choices: Choices, chosen: str) -> dict[str, Any]:
    before = choices.rules.get(chosen, {})
    left, right = st.columns(2)
    with left:
        scope = _scope(form, choices, chosen, before)
    with right:
        quantities = {number.column: _number(form, number, before) for number in NUMBERS}
    order = st.multiselect(
        "Locations in the order they serve; the others come after",
        list(choices.locations),
        default=[each for each in before.get("location_order") or [] if each in choices.locations],
        format_func=choices.locations.__getitem__,
        key=field(form, "order"),
    )
    return scope | quantities | {"location_order": order}


def _scope(form: str, choices: Choices, chosen: str, before: Rule) -> dict[str, str]:
    rule_id: str | None = chosen
    if chosen == NEW:
        rule_id = st.text_input("Name of the rule", max_chars=60, key=field(form, "rule_id"))
    names = {EVERYTHING: "Every channel", **choices.channels}
    channel_id = st.selectbox(
        "Channel it speaks for",
        list(names),
        index=list(names).index(before.get("channel_id", EVERYTHING)),
        format_func=names.__getitem__,
        key=field(form, "channel"),
    )
    sku = st.text_input(
        "SKU, or * for every SKU", value=before.get("sku", EVERYTHING), key=field(form, "sku")
    )
    return {
        "rule_id": (rule_id or "").strip(),
        "channel_id": channel_id,
        "sku": (sku or EVERYTHING).strip(),
    }


def _number(form: str, number: Number, before: Rule) -> int:
    return st.number_input(
        number.label,
        min_value=0,
        step=1,
        value=int(before.get(number.column, number.default)),
        help=number.help,
        key=field(form, number.column),
    )


def _validity(form: str, today: date) -> dict[str, str | None]:
    left, right = st.columns(2)
    start = left.date_input("Valid from (UTC)", value=today, key=field(form, "from"))
    end = right.date_input(
        "Valid to (UTC)", value=None, help="Empty for no end", key=field(form, "to")
    )
    return {"valid_from": _midnight(start), "valid_to": None if end is None else _midnight(end)}


def _retire(tower: Tower, rule_id: str) -> None:
    form = f"retire.{rule_id}"
    version = remembered(form, "version", lambda: tower.log.rule_version(rule_id))
    with (
        st.expander("Retire this rule", icon=":material/event_busy:"),
        st.form(f"{form}-{command_id(form)}", border=False),
    ):
        last = st.date_input("Valid to (UTC)", value=tower.now.date(), key=field(form, "to"))
        note = st.text_input("Why, in your words", max_chars=500, key=field(form, "note"))
        submitted = st.form_submit_button("Retire rule", icon=":material/event_busy:")
    if submitted and permitted(tower, CommandType.RETIRE_ALLOCATION_RULE):
        payload = {"rule_id": rule_id, "expected_version": version, "valid_to": _midnight(last)}
        send(tower, Form(form, TOPIC), CommandType.RETIRE_ALLOCATION_RULE, payload, note)


def _draft(fields: dict[str, Any], version: int) -> DraftRule:
    return DraftRule(
        rule_id=fields["rule_id"] or "draft",
        version=version,
        channel_id=fields["channel_id"],
        sku=fields["sku"].upper() or EVERYTHING,
        channel_priority=fields["channel_priority"],
        ring_fence_quantity=fields["ring_fence_quantity"],
        buffer_quantity=fields["buffer_quantity"],
        location_order=tuple(fields["location_order"]),
    )


def _midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day).isoformat() + "Z"  # noqa: DTZ001 - Z is written
