"""How far each command has come: pending, approved, applied in the generation, or rejected."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.queries.reader import Reader
from ingestion.commands.log import CommandLog
from ingestion.commands.model import Standing
from ingestion.contracts.vocabulary import CommandStatus, CommandType


class Stage(StrEnum):
    """The way of a command from the form into the published truth."""

    PENDING = "waits for approval"
    APPROVED = "approved, waits for the next run"
    APPLIED = "applied"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Progress:
    """One command of the log and its stage."""

    standing: Standing
    stage: Stage

    @property
    def payload(self) -> dict[str, Any]:
        """The command's own fields."""
        return json.loads(self.standing.entry.payload)

    @property
    def is_open(self) -> bool:
        """Whether its effect is still to come."""
        return self.stage in {Stage.PENDING, Stage.APPROVED}

    @property
    def subject(self) -> str:
        """The SKU or the rule it is about."""
        return str(self.payload.get("sku" if self.is_adjustment else "rule_id", ""))

    @property
    def is_adjustment(self) -> bool:
        """Whether it corrects stock."""
        return self.standing.entry.command_type == CommandType.RECORD_ADJUSTMENT

    @property
    def summary(self) -> str:
        """What it does, in one line."""
        fields = self.payload
        match self.standing.entry.command_type:
            case CommandType.RECORD_ADJUSTMENT if "to_state" in fields:
                move = f"{fields['from_state']} to {fields['to_state']}"
                return f"{fields['quantity']} {fields['sku']} from {move} at {_place(fields)}"
            case CommandType.RECORD_ADJUSTMENT:
                return f"{fields['quantity']:+} {fields['sku']} at {_place(fields)}"
            case CommandType.SET_ALLOCATION_RULE:
                return f"set rule {fields['rule_id']}, version {fields['expected_version'] + 1}"
            case _:
                return f"retire rule {fields['rule_id']}"


def progress(log: CommandLog, reader: Reader) -> list[Progress]:
    """Return every command that is no decision, newest first, with its stage."""
    published = reader.frame("select command_id from fct_commands where status = 'approved'")
    applied = set(published["command_id"])
    return [Progress(standing, _stage(standing, applied)) for standing in reversed(log.statuses())]


def _stage(standing: Standing, applied: set[str]) -> Stage:
    if standing.status is CommandStatus.REJECTED:
        return Stage.REJECTED
    if standing.status is CommandStatus.PENDING:
        return Stage.PENDING
    return Stage.APPLIED if standing.entry.command_id in applied else Stage.APPROVED


def _place(fields: dict[str, Any]) -> str:
    return " lot ".join(filter(None, [fields["location_id"], fields.get("lot_id")]))
