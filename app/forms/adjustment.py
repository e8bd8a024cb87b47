"""The form that corrects stock."""

from datetime import datetime, time

import streamlit as st

from app.forms.identity import named
from app.forms.sending import Form, command_id, field, remembered, send, show_notice
from app.serving import Tower
from ingestion.commands.errors import NotAllowedError
from ingestion.commands.policy import Rule
from ingestion.contracts.commands import MOVES
from ingestion.contracts.vocabulary import CommandType, ReasonCode

FORM = "adjustment"
FOUND_OR_LOST, CHANGED_STATE = "Units found or lost", "Units changed state"
REASONS = [code for code in ReasonCode if code != ReasonCode.OPENING]


def adjustment_form(tower: Tower, sku: str, locations: dict[str, str], lots: list[str]) -> None:
    """Let the actor record an adjustment of `sku`; the command log judges it."""
    show_notice(FORM)
    try:
        rule = tower.log.rule(CommandType.RECORD_ADJUSTMENT, tower.identity.role)
    except NotAllowedError as error:
        st.info(str(error), icon=":material/lock:")
        return
    if not named(tower.identity):
        return
    st.caption(_threshold(rule))
    kinds = [FOUND_OR_LOST, CHANGED_STATE]
    kind = st.segmented_control("What happened", kinds, default=FOUND_OR_LOST, required=True)
    with st.form(f"{FORM}-{command_id(FORM)}", border=True):
        fields = _fields(tower, locations, lots, moves=kind == CHANGED_STATE)
        note = st.text_input("Why, in your words", max_chars=500, key=field(FORM, "note"))
        submitted = st.form_submit_button(
            "Record adjustment", type="primary", icon=":material/edit_note:"
        )
    if submitted:
        send(tower, Form(FORM, FORM), CommandType.RECORD_ADJUSTMENT, fields | {"sku": sku}, note)


def _fields(
    tower: Tower, locations: dict[str, str], lots: list[str], *, moves: bool
) -> dict[str, object]:
    started_at = remembered(FORM, "started_at", lambda: tower.now)
    left, right = st.columns(2)
    with left:
        what = _what(locations, moves=moves)
    with right:
        reason_code = st.selectbox(
            "Reason",
            REASONS,
            format_func=lambda code: code.replace("_", " ").capitalize(),
            key=field(FORM, "reason"),
        )
        lot_id = st.selectbox("Lot", lots, index=None, key=field(FORM, "lot")) if lots else None
        occurred_at = _instant(started_at)
    return what | {"occurred_at": occurred_at, "reason_code": reason_code, "lot_id": lot_id}


def _what(locations: dict[str, str], *, moves: bool) -> dict[str, object]:
    location_id = st.selectbox(
        "Location", list(locations), format_func=locations.__getitem__, key=field(FORM, "location")
    )
    states = _move() if moves else {}
    quantity = st.number_input(
        "Units" if moves else "Units, minus for lost",
        value=None,
        step=1,
        min_value=1 if moves else None,
        placeholder="How many",
        key=field(FORM, "quantity"),
    )
    return states | {"location_id": location_id, "quantity": quantity}


def _move() -> dict[str, object]:
    from_state, to_state = st.selectbox(
        "Change of state",
        MOVES,
        format_func=lambda move: f"{move[0]} to {move[1]}".replace("_", " ").capitalize(),
        key=field(FORM, "move"),
    )
    return {"from_state": from_state, "to_state": to_state}


def _instant(started_at: datetime) -> str:
    day_field, time_field = st.columns(2)
    day = day_field.date_input(
        "Day it happened (UTC)", value=started_at.date(), key=field(FORM, "day")
    )
    at = time_field.time_input(
        "Time (UTC)",
        value=started_at.time().replace(second=0, microsecond=0, tzinfo=None),
        step=60,
        key=field(FORM, "time"),
    )
    return datetime.combine(day, at or time()).isoformat() + "Z"


def _threshold(rule: Rule) -> str:
    limits = [
        f"{rule.above_quantity:,} units" if rule.above_quantity is not None else "",
        f"{rule.above_value:,} at cost" if rule.above_value is not None else "",
    ]
    above = " or ".join(filter(None, limits))
    if not above:
        return "Takes effect with the next run."
    return (
        f"Takes effect with the next run. Above {above} per SKU and day, another person in the "
        "role supervisor approves it first."
    )
