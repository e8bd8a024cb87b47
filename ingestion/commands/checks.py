"""What a command must meet before it is written, and what the chain must meet ever after."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ingestion.commands import rows
from ingestion.commands.errors import (
    FourEyesError,
    InvalidCommandError,
    NotPendingError,
    StaleVersionError,
    UnknownCommandError,
    UnknownRuleError,
)
from ingestion.commands.model import GENESIS, BadEntry, Command, Entry, Head
from ingestion.contracts.commands import (
    PAYLOADS,
    Decision,
    Payload,
    RecordAdjustment,
    RetireAllocationRule,
    SetAllocationRule,
    SnoozeException,
    normalise_code,
)
from ingestion.contracts.vocabulary import CommandType, Role

COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
LONGEST_ACTOR = 120
LONGEST_REASON = 500
LONGEST_SNOOZE = timedelta(days=90)


def normalise(command: Command) -> Command:
    """Return the command with clean texts; raises InvalidCommandError naming the field."""
    if not COMMAND_ID.fullmatch(command.command_id):
        raise invalid(command, ("command_id", "it must be 8 to 64 letters, digits, - or _"))
    actor = str(normalise_code(command.actor))
    reason = str(normalise_code(command.reason))
    try:
        command_type, role = CommandType(command.command_type), Role(command.role)
    except ValueError as error:
        raise invalid(command, ("", str(error))) from error
    return replace(command, command_type=command_type, actor=actor, role=role, reason=reason)


def parse_payload(command: Command, now: datetime) -> Payload:
    """Return the typed payload of a normalised command.

    Raises InvalidCommandError naming each field of the command that is wrong, all at once.
    """
    wrong = _wrong_texts(command)
    try:
        payload = PAYLOADS[command.command_type].model_validate(dict(command.payload))
    except ValidationError as error:
        raise invalid(command, *map(_problem, error.errors()), *wrong) from error
    if wrong:
        raise invalid(command, *wrong)
    if isinstance(payload, RecordAdjustment) and payload.occurred_at > now:
        raise invalid(command, ("occurred_at", "it lies in the future"))
    if isinstance(payload, SnoozeException) and not now < payload.until <= now + LONGEST_SNOOZE:
        ahead = f"it must lie in the next {LONGEST_SNOOZE.days} days"
        raise invalid(command, ("until", ahead))
    return payload


def _wrong_texts(command: Command) -> list[tuple[str, str]]:
    wrong: list[tuple[str, str]] = []
    if not 0 < len(command.actor) <= LONGEST_ACTOR:
        wrong.append(("actor", f"it must have 1 to {LONGEST_ACTOR} characters"))
    if not command.reason and command.command_type != CommandType.APPROVE:
        wrong.append(("reason", "it is empty: say why, for whoever reads it later"))
    if len(command.reason) > LONGEST_REASON:
        wrong.append(("reason", f"it is longer than {LONGEST_REASON} characters"))
    return wrong


def _problem(found: ErrorDetails) -> tuple[str, str]:
    """Return the field that pydantic complains about, and what is wrong with it in words."""
    field = ".".join(map(str, found["loc"]))
    if found["loc"] and (found["input"] in (None, "") or found["type"] == "missing"):
        return field, "it is empty"
    limits = found.get("ctx", {})
    match found["type"]:
        case "less_than_equal":
            said = f"{found['input']:,} is more than {limits['le']:,}, the most there can be"
        case "greater_than_equal":
            said = f"{found['input']:,} is less than {limits['ge']:,}, the least there can be"
        case "int_type" | "int_from_float":
            said = f"{found['input']} is no whole number"
        case "string_too_long":
            said = f"it is longer than {limits['max_length']} characters"
        case "enum":
            said = f"{found['input']} is none of {limits['expected']}"
        case _:
            said = found["msg"].removeprefix("Value error, ")
    return field, said


def check_version(connection: sa.Connection, payload: Payload) -> None:
    """Raise StaleVersionError when the rule is not at the version its author saw."""
    if not isinstance(payload, SetAllocationRule | RetireAllocationRule):
        return
    version = rows.rule_version(connection, payload.rule_id)
    if version == 0 and isinstance(payload, RetireAllocationRule):
        raise UnknownRuleError(
            f"The allocation rule {payload.rule_id} was never set, so it cannot be retired. "
            "Check its name in the list of rules."
        )
    if version != payload.expected_version:
        raise StaleVersionError(
            f"The allocation rule {payload.rule_id} is at version {version}, not "
            f"{payload.expected_version}: somebody changed it meanwhile. "
            "Look at the newest version, then submit again."
        )


def check_decision(connection: sa.Connection, command: Command, payload: Payload) -> None:
    """Raise when the command decided on is unknown, waits for nobody, or is the actor's own."""
    if not isinstance(payload, Decision):
        return
    target = rows.find(connection, payload.command_id)
    if target is None:
        raise UnknownCommandError(
            f"There is no command {payload.command_id} to {command.command_type}. "
            "Reload the list of pending commands."
        )
    if not target.needs_approval or rows.is_decided(connection, target.command_id):
        raise NotPendingError(
            f"The command {target.command_id} does not wait for a decision. "
            "Reload the list of pending commands."
        )
    own = target.actor.casefold() == command.actor.casefold()
    if own and command.command_type == CommandType.APPROVE:
        raise FourEyesError(
            f"{command.actor} submitted the command {target.command_id} and so cannot approve it. "
            "Ask somebody else to."
        )


def first_bad_entry(entries: Sequence[Entry], published: Head | None) -> BadEntry | None:
    """Return the first entry that breaks the chain, or None; see CommandLog.verify."""
    previous = GENESIS
    for expected, entry in enumerate(entries, start=1):
        if entry.sequence != expected:
            return BadEntry(expected, "", f"missing: entry {entry.sequence} comes in its place")
        if entry.previous_hash != previous:
            return _bad(entry, "its previous hash is not the hash of the entry before")
        if entry.hash != entry.computed_hash():
            return _bad(entry, "its content does not match its hash")
        if published and expected == published.sequence and entry.hash != published.hash:
            return _bad(entry, "it was rewritten: a generation was published with another hash")
        previous = entry.hash
    if published and len(entries) < published.sequence:
        return BadEntry(len(entries) + 1, "", "missing: the log ends before the published head")
    return None


def _bad(entry: Entry, cause: str) -> BadEntry:
    return BadEntry(entry.sequence, entry.command_id, cause)


def invalid(command: Command, *problems: tuple[str, str]) -> InvalidCommandError:
    """Return the error that says which fields of a command are wrong, and how."""
    told = "; ".join(f"{field}: {problem}" if field else problem for field, problem in problems)
    return InvalidCommandError(
        f"The {command.command_type} command {command.command_id!r} is not valid: {told}. "
        "Correct it and submit again.",
        problems,
    )
