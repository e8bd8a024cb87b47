"""From a filled-in form to the command log: one command id per form, kept until it is accepted."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from app.forms.refusals import told
from app.serving import Tower
from app.wording import plain
from ingestion.commands.errors import (
    CommandConflictError,
    CommandLogUnavailableError,
    CommandRefusedError,
)
from ingestion.commands.model import Command, Receipt
from ingestion.contracts.vocabulary import CommandType

Value = TypeVar("Value")


def remembered(form: str, name: str, make: Callable[[], Value]) -> Value:
    """Return what this rendering of the form was started with, making it on first sight."""
    key = f"{form}.{name}"
    if key not in st.session_state:
        st.session_state[key] = make()
    return st.session_state[key]


def command_id(form: str) -> str:
    """Return the id this rendering of the form submits under: a double click is one command."""
    return remembered(form, "command_id", lambda: uuid.uuid4().hex)


def field(form: str, name: str) -> str:
    """Return the key of one of the form's fields, so that an accepted form comes up empty."""
    return f"{form}.{command_id(form)}.{name}"


def renew(form: str) -> None:
    """Forget the rendering: the form comes up empty, under a new command id."""
    for key in [key for key in st.session_state if str(key).startswith(f"{form}.")]:
        del st.session_state[key]


def show_notice(topic: str) -> None:
    """Tell once what became of the last command sent about `topic`.

    Its place is kept when there is nothing to tell: what follows would move by one, and the form
    that was sent would stay on screen beside the one that takes its place.
    """
    notice = st.session_state.pop(f"notice-{topic}", None)
    with st.container():
        if notice is not None:
            st.success(notice, icon=":material/task_alt:")


@dataclass(frozen=True)
class Form:
    """One rendered form: its name in the session, and the topic its notice is shown under."""

    name: str
    topic: str


def send(
    tower: Tower,
    form: Form,
    command_type: CommandType,
    payload: Mapping[str, object],
    reason: str,
) -> None:
    """Submit the form's command; on acceptance start the form anew, else say what to do."""
    id_ = command_id(form.name)
    actor, role = tower.identity.actor, tower.identity.role
    command = Command(id_, command_type, payload, actor, role, reason)
    try:
        receipt = tower.log.submit(command)
    except CommandConflictError as error:
        renew(form.name)
        st.error(plain(told(error)), icon=":material/error:")
    except (CommandRefusedError, CommandLogUnavailableError) as error:
        st.error(plain(told(error)), icon=":material/error:")
    else:
        renew(form.name)
        st.session_state[f"notice-{form.topic}"] = _accepted(command_type, receipt)
        st.rerun()


def _accepted(command_type: CommandType, receipt: Receipt) -> str:
    entry = f"Written to the command log as entry {receipt.sequence}."
    if command_type in {CommandType.APPROVE, CommandType.REJECT}:
        return f"{entry} The decision takes effect with the next run."
    if receipt.needs_approval:
        return f"{entry} It waits for a supervisor's approval."
    return f"{entry} It is applied with the next run."
