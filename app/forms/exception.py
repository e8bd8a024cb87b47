"""The forms that settle one exception: give it to somebody, put it off, or call it resolved."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType

import streamlit as st

from app.forms.decision import FORM as DECISION
from app.forms.identity import permitted
from app.forms.sending import Form, command_id, field, remembered, send, show_notice
from app.serving import Tower
from ingestion.contracts.vocabulary import CommandType, Resolution

TOPIC = "exception"
RESOLUTIONS: Mapping[Resolution, str] = MappingProxyType(
    {
        Resolution.FIXED: "Fixed: it reopens if it is still there after its grace",
        Resolution.ACCEPTED: "Accepted: we live with it",
        Resolution.NOT_A_PROBLEM: "Not a problem: it was right all along",
    }
)
MORNING = time(8)


def settle_forms(tower: Tower, exception_id: str, assigned_to: str | None = None) -> None:
    """Let the actor assign, give back, snooze or resolve one exception; the log judges it."""
    assign, snooze, resolve = st.tabs(
        [":material/person: Assign", ":material/snooze: Snooze", ":material/task_alt: Resolve"],
        key=f"{TOPIC}-settle",
    )
    with assign:
        _assign(tower, exception_id, assigned_to)
    with snooze:
        _snooze(tower, exception_id)
    with resolve:
        _resolve(tower, exception_id)


def settled_notice() -> None:
    """Tell once what became of the last command about an exception, or decision on one."""
    show_notice(TOPIC)
    show_notice(DECISION)


def _assign(tower: Tower, exception_id: str, assigned_to: str | None) -> None:
    form = f"{TOPIC}.assign.{exception_id}"
    with st.form(f"{form}-{command_id(form)}", border=False):
        assignee = st.text_input(
            "Who takes it", value=tower.identity.actor, max_chars=120, key=field(form, "assignee")
        )
        note = _note(form)
        with st.container(horizontal=True):
            submitted = st.form_submit_button("Assign", type="primary", icon=":material/person:")
            given_back = assigned_to is not None and st.form_submit_button(
                "Give back to the team", icon=":material/person_off:"
            )
    if (submitted or given_back) and permitted(tower, CommandType.ASSIGN_EXCEPTION):
        payload = {"exception_id": exception_id, "assignee": None if given_back else assignee}
        send(tower, Form(form, TOPIC), CommandType.ASSIGN_EXCEPTION, payload, note)


def _snooze(tower: Tower, exception_id: str) -> None:
    form = f"{TOPIC}.snooze.{exception_id}"
    started_at = remembered(form, "started_at", lambda: tower.now)
    with st.form(f"{form}-{command_id(form)}", border=False):
        day_field, time_field = st.columns(2)
        day = day_field.date_input(
            "Until (UTC)",
            value=started_at.date() + timedelta(days=1),
            min_value=started_at.date(),
            key=field(form, "day"),
        )
        at = time_field.time_input("At", value=MORNING, step=3600, key=field(form, "time"))
        note = _note(form)
        submitted = st.form_submit_button("Snooze", type="primary", icon=":material/snooze:")
    if submitted and permitted(tower, CommandType.SNOOZE_EXCEPTION):
        until = datetime.combine(day, at or time()).isoformat() + "Z"
        payload = {"exception_id": exception_id, "until": until}
        send(tower, Form(form, TOPIC), CommandType.SNOOZE_EXCEPTION, payload, note)


def _resolve(tower: Tower, exception_id: str) -> None:
    form = f"{TOPIC}.resolve.{exception_id}"
    with st.form(f"{form}-{command_id(form)}", border=False):
        resolution = st.radio(
            "How", list(RESOLUTIONS), format_func=RESOLUTIONS.__getitem__, key=field(form, "how")
        )
        note = _note(form)
        submitted = st.form_submit_button("Resolve", type="primary", icon=":material/task_alt:")
    if submitted and permitted(tower, CommandType.RESOLVE_EXCEPTION):
        payload = {"exception_id": exception_id, "resolution": resolution}
        send(tower, Form(form, TOPIC), CommandType.RESOLVE_EXCEPTION, payload, note)


def _note(form: str) -> str:
    return st.text_input("Why, in your words", max_chars=500, key=field(form, "note"))
