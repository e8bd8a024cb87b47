"""The forms that set and retire an allocation rule, and the draft they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import streamlit as st

from app.forms.identity import permitted
from app.forms.sending import Form, command_id, field, remembered, send, show_notice
from app.forms.units import units_field
from app.queries.allocation import DraftRule
from app.serving import Tower
from ingestion.contracts.commands import EVERYTHING
from ingestion.contracts.vocabulary import CommandType

NEW = "New rule"
TOPIC = "rule"
Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Choices:
    """What the form offers: names by id, and the newest version of each rule that is not over."""

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


PRIORITY = Number("channel_priority", "Priority", "Lower is served first", 10)
RING_FENCE = Number(
    "ring_fence_quantity", "Ring-fence, units", "Units of each SKU that only this channel may take"
)
NUMBERS = (
    PRIORITY,
    RING_FENCE,
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
    before = choices.rules.get(chosen, {})
    channel_id = _channel(form, choices, before)
    with st.form(f"{form}-{command_id(form)}", border=True):
        fields = {"channel_id": channel_id} | _fields(form, choices, chosen, channel_id)
        validity = _validity(form, tower.now.date(), before)
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
        st.session_state[f"{form}.draft"] = _draft(fields | validity, version + 1)
    return st.session_state.get(f"{form}.draft")


def _version(tower: Tower, chosen: str) -> int:
    return 0 if chosen == NEW else tower.log.rule_version(chosen)


def _channel(form: str, choices: Choices, before: Rule) -> str:
    """Whom the rule speaks for: outside the form, whose fields depend on it."""
    names = {EVERYTHING: "Every channel", **choices.channels}
    return st.selectbox(
        "Channel it speaks for",
        list(names),
        index=list(names).index(before.get("channel_id", EVERYTHING)),
        format_func=names.__getitem__,
        key=field(form, "channel"),
    )


def _fields(form: str, choices: Choices, chosen: str, channel_id: str) -> dict[str, Any]:
    before = choices.rules.get(chosen, {})
    left, right = st.columns(2)
    with left:
        scope = _scope(form, chosen, before)
    with right:
        quantities = {
            number.column: _number(form, number, before, channel_id) for number in NUMBERS
        }
    order = st.multiselect(
        "Locations in the order they serve; the others come after",
        list(choices.locations),
        default=[each for each in before.get("location_order") or [] if each in choices.locations],
        format_func=choices.locations.__getitem__,
        key=field(form, "order"),
    )
    return scope | quantities | {"location_order": order}


def _scope(form: str, chosen: str, before: Rule) -> dict[str, str]:
    rule_id: str | None = chosen
    if chosen == NEW:
        rule_id = st.text_input("Name of the rule", max_chars=60, key=field(form, "rule_id"))
    sku = st.text_input(
        "SKU, or * for every SKU", value=before.get("sku", EVERYTHING), key=field(form, "sku")
    )
    return {"rule_id": (rule_id or "").strip(), "sku": (sku or EVERYTHING).strip()}


def _number(form: str, number: Number, before: Rule, channel_id: str) -> int | float | None:
    if number is RING_FENCE and channel_id == EVERYTHING:
        st.caption("A ring-fence keeps units for one channel: choose the channel to set one.")
        return 0
    return units_field(
        number.label,
        field(form, number.column),
        value=int(before.get(number.column, number.default)),
        help=number.help,
    )


def _validity(form: str, today: date, before: Rule) -> dict[str, str | None]:
    """From when to when: a version starts today or when the one it revises would, and ends with it.

    One that has started is not changed in hindsight.
    """
    starts_at, ends_at = before.get("valid_from"), before.get("valid_to")
    left, right = st.columns(2)
    start = left.date_input(
        "Valid from (UTC)",
        value=today if starts_at is None else max(today, starts_at.date()),
        key=field(form, "from"),
    )
    end = right.date_input(
        "Valid to (UTC)",
        value=None if ends_at is None else ends_at.date(),
        help="Empty for no end",
        key=field(form, "to"),
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


def _draft(fields: dict[str, Any], version: int) -> DraftRule | None:
    broken = [each for each in NUMBERS if not isinstance(fields[each.column], int)]
    for each in broken:
        st.error(f"{each.label}: enter a whole number.", icon=":material/error:")
    if broken:
        return None
    return DraftRule(
        rule_id=fields["rule_id"] or "draft",
        version=version,
        channel_id=fields["channel_id"],
        sku=fields["sku"].upper() or EVERYTHING,
        channel_priority=fields["channel_priority"],
        ring_fence_quantity=fields["ring_fence_quantity"],
        buffer_quantity=fields["buffer_quantity"],
        location_order=tuple(fields["location_order"]),
        valid_from=_day(fields["valid_from"]),
        valid_to=None if fields["valid_to"] is None else _day(fields["valid_to"]),
    )


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).date()


def _midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day).isoformat() + "Z"  # noqa: DTZ001 - Z is written
