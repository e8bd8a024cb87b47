"""What a refused form says to the person who filled it in, under the labels of its fields."""

from collections.abc import Mapping
from types import MappingProxyType

from ingestion.commands.errors import (
    CommandConflictError,
    FourEyesError,
    InvalidCommandError,
    NotAllowedError,
    NotPendingError,
    UnknownCommandError,
)
from ingestion.contracts.vocabulary import CommandType, Role

DEEDS: Mapping[CommandType, str] = MappingProxyType(
    {
        CommandType.RECORD_ADJUSTMENT: "adjust stock",
        CommandType.SET_ALLOCATION_RULE: "set allocation rules",
        CommandType.RETIRE_ALLOCATION_RULE: "retire allocation rules",
        CommandType.SET_SAFETY_STOCK: "set safety stock",
        CommandType.SET_CHANNEL_BUFFER: "set channel buffers",
        CommandType.SET_METRIC_TARGET: "set targets",
        CommandType.ASSIGN_EXCEPTION: "assign exceptions",
        CommandType.SNOOZE_EXCEPTION: "snooze exceptions",
        CommandType.RESOLVE_EXCEPTION: "resolve exceptions",
        CommandType.APPROVE: "approve commands",
        CommandType.REJECT: "reject commands",
    }
)
"""What each command does, as one says what somebody may do."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "actor": "Your name in the sidebar",
        "reason": "Why, in your words",
        "reason_code": "Reason",
        "quantity": "Units",
        "occurred_at": "Day and time it happened",
        "location_id": "Location",
        "lot_id": "Lot",
        "sku": "SKU",
        "channel_id": "Channel",
        "rule_id": "Name of the rule",
        "warn_at": "Far off beyond",
        "assignee": "Who takes it",
    }
)
"""The labels of the forms' fields, where a field's own name does not say it."""


def told(error: Exception) -> str:
    """Return what happened and what to do next, without the log's own words and ids."""
    match error:
        case InvalidCommandError():
            wrong = [_sentence(field, problem) for field, problem in error.problems]
            return " ".join([*wrong, "Nothing was sent: correct it and send it again."])
        case CommandConflictError():
            return "This form had been sent already. It is empty now: fill it in once more."
        case NotPendingError() | UnknownCommandError():
            return "Somebody has decided on it meanwhile. Reload the page to see what still waits."
        case FourEyesError():
            return "It is your own command. Ask another supervisor to approve it."
        case _:
            return str(error)


def forbidden(error: NotAllowedError, command_type: CommandType, role: Role) -> str:
    """Return who may do what `role` may not, and where to say that one is in another role."""
    others = " or ".join(error.allowed) or "nobody"
    return (
        f"The role {role} may not {DEEDS[command_type]}. Ask somebody in the role {others}; "
        "if that is you, choose your role in the sidebar."
    )


def _sentence(field: str, problem: str) -> str:
    if not field:
        return f"{problem[:1].upper()}{problem[1:]}."
    return f"{FIELDS.get(field, field.replace('_', ' ').capitalize())}: {problem}."
