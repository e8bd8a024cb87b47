"""The form that corrects stock."""

from dataclasses import dataclass
from datetime import datetime, time

import streamlit as st

from app.forms.effect import below_zero, show_effect
from app.forms.identity import named, refused
from app.forms.sending import Form, command_id, field, remembered, send, show_notice
from app.forms.units import units_field
from app.serving import Tower
from app.wording import plain
from ingestion.commands.policy import Rule
from ingestion.contracts.commands import MOVES
from ingestion.contracts.vocabulary import CommandType, ReasonCode

FORM = "adjustment"
FOUND_OR_LOST, CHANGED_STATE = "Units found or lost", "Units changed state"
CONFIRM = "Record it all the same"
REASONS = [code for code in ReasonCode if code != ReasonCode.OPENING]


@dataclass(frozen=True)
class Proposed:
    """What a count proposes, for the form to start with; the person may change every field."""

    claim_id: str
    location_id: str
    quantity: int
    reason_code: str
    lot_id: str | None
    note: str


def adjustment_form(
    tower: Tower,
    sku: str,
    locations: dict[str, str],
    lots: list[str],
    proposed: Proposed | None = None,
) -> None:
    """Let the actor record an adjustment of `sku`; the command log judges it."""
    name = FORM if proposed is None else f"{FORM}-{proposed.claim_id}"
    show_notice(FORM)
    refusal = refused(tower, CommandType.RECORD_ADJUSTMENT)
    if refusal:
        st.info(refusal, icon=":material/lock:")
        return
    if not named(tower.identity):
        return
    st.caption(_threshold(tower.log.rule(CommandType.RECORD_ADJUSTMENT, tower.identity.role)))
    kinds = [FOUND_OR_LOST, CHANGED_STATE]
    kind = st.segmented_control(
        "What happened", kinds, default=FOUND_OR_LOST, required=True, key=f"{name}-kind"
    )
    started = _Started(name, proposed, remembered(name, "started_at", lambda: tower.now))
    with st.container(border=True):
        what = {"sku": sku} | _what(started, locations, lots, moves=kind == CHANGED_STATE)
        place = locations[str(what["location_id"])]
        effect = show_effect(tower, what, place)
        warning = "" if effect is None else below_zero(effect, place)
        with st.container():  # a place of its own, so that the form below never moves
            is_confirmed = not warning or _confirmed(started, warning)
        with st.form(f"{FORM}-{command_id(name)}", border=False):
            why = _why(started)
            note = st.text_input(
                "Why, in your words",
                value="" if proposed is None else proposed.note,
                max_chars=500,
                key=field(name, "note"),
            )
            submitted = st.form_submit_button(
                "Record adjustment", type="primary", icon=":material/edit_note:"
            )
    if submitted and not is_confirmed:
        st.error(
            f"Nothing was sent: tick “{CONFIRM}”, or correct the units.", icon=":material/error:"
        )
    elif submitted:
        send(tower, Form(name, FORM), CommandType.RECORD_ADJUSTMENT, what | why, note)


@dataclass(frozen=True)
class _Started:
    """One rendering of the form: its name, what it starts with, and since when."""

    name: str
    proposed: Proposed | None
    at: datetime

    def key(self, name: str) -> str:
        return field(self.name, name)

    def index(self, options: list[str], wanted: str) -> int | None:
        """Where a select box starts: at what the count proposes, else at `None` or the first."""
        value = None if self.proposed is None else getattr(self.proposed, wanted)
        return options.index(value) if value in options else None


def _confirmed(started: _Started, warning: str) -> bool:
    st.warning(
        plain(f"{warning}Check location, lot and units; the books may be the ones that are wrong."),
        icon=":material/warning:",
    )
    return st.checkbox(CONFIRM, key=started.key("confirmed"))


def _what(
    started: _Started, locations: dict[str, str], lots: list[str], *, moves: bool
) -> dict[str, object]:
    """What is adjusted: outside the form, so that its effect shows before it is sent."""
    left, right = st.columns(2)
    location_id = left.selectbox(
        "Location",
        list(locations),
        index=started.index(list(locations), "location_id") or 0,
        format_func=locations.__getitem__,
        key=started.key("location"),
    )
    with right:
        quantity = units_field(
            "Units" if moves else "Units, minus for lost",
            started.key("quantity"),
            value=None if moves or started.proposed is None else started.proposed.quantity,
            least=1 if moves else None,
            placeholder="How many",
        )
    with left:
        states = _move(started) if moves else {}
    with right:
        lot_id = _lot(started, lots) if lots else None
    return states | {"location_id": location_id, "quantity": quantity, "lot_id": lot_id}


def _lot(started: _Started, lots: list[str]) -> str | None:
    return st.selectbox("Lot", lots, index=started.index(lots, "lot_id"), key=started.key("lot"))


def _why(started: _Started) -> dict[str, object]:
    left, right = st.columns(2)
    with left:
        reason_code = st.selectbox(
            "Reason",
            REASONS,
            index=started.index([*REASONS], "reason_code"),
            placeholder="Choose why",
            format_func=lambda code: code.replace("_", " ").capitalize(),
            key=started.key("reason"),
        )
    with right:
        occurred_at = _instant(started)
    return {"reason_code": reason_code, "occurred_at": occurred_at}


def _move(started: _Started) -> dict[str, object]:
    from_state, to_state = st.selectbox(
        "Change of state",
        MOVES,
        format_func=lambda move: f"{move[0]} to {move[1]}".replace("_", " ").capitalize(),
        key=started.key("move"),
    )
    return {"from_state": from_state, "to_state": to_state}


def _instant(started: _Started) -> str:
    day_field, time_field = st.columns(2)
    day = day_field.date_input(
        "Day it happened (UTC)", value=started.at.date(), key=started.key("day")
    )
    at = time_field.time_input(
        "Time (UTC)",
        value=started.at.time().replace(second=0, microsecond=0, tzinfo=None),
        step=60,
        key=started.key("time"),
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
