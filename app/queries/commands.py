"""How far each command has come: pending, approved, applied in the generation, or rejected."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from app.queries.inventory import channels, locations
from app.queries.reader import Reader
from ingestion.commands.log import CommandLog
from ingestion.commands.model import Standing
from ingestion.contracts.commands import EVERYTHING
from ingestion.contracts.vocabulary import CommandStatus, CommandType

Fields = dict[str, Any]
SHORT_ID = 8
_SUBJECTS = {
    CommandType.RECORD_ADJUSTMENT: "sku",
    CommandType.SET_ALLOCATION_RULE: "rule_id",
    CommandType.RETIRE_ALLOCATION_RULE: "rule_id",
    CommandType.SET_SAFETY_STOCK: "sku",
    CommandType.SET_CHANNEL_BUFFER: "sku",
    CommandType.SET_METRIC_TARGET: "metric",
    CommandType.ASSIGN_EXCEPTION: "exception_id",
    CommandType.SNOOZE_EXCEPTION: "exception_id",
    CommandType.RESOLVE_EXCEPTION: "exception_id",
}


class Stage(StrEnum):
    """The way of a command from the form into the published truth."""

    PENDING = "waits for approval"
    APPROVED = "approved, waits for the next run"
    APPLIED = "applied"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Progress:
    """One command of the log and its stage; `generation` was the first to hold its effect."""

    standing: Standing
    stage: Stage
    generation: int | None = None
    names: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    @property
    def payload(self) -> Fields:
        """The command's own fields."""
        return json.loads(self.standing.entry.payload)

    @property
    def is_open(self) -> bool:
        """Whether its effect is still to come."""
        return self.stage in {Stage.PENDING, Stage.APPROVED}

    @property
    def subject(self) -> str:
        """The SKU, rule, metric or exception it is about; `*` is every SKU."""
        return str(self.payload[_SUBJECTS[self.standing.entry.command_type]])

    @property
    def is_adjustment(self) -> bool:
        """Whether it corrects stock."""
        return self.standing.entry.command_type == CommandType.RECORD_ADJUSTMENT

    @property
    def is_about_exception(self) -> bool:
        """Whether it settles an exception."""
        return _SUBJECTS[self.standing.entry.command_type] == "exception_id"

    @property
    def summary(self) -> str:
        """What it does, in one line, with places and channels by their names."""
        fields = self.payload
        for code, names in self.names.items():
            if code in fields:
                fields[code] = names.get(fields[code], fields[code])
        return _SUMMARIES[self.standing.entry.command_type](fields)


def progress(log: CommandLog, reader: Reader) -> list[Progress]:
    """Return every command that is no decision, newest first, with its stage."""
    published = reader.frame("select command_id, generation from meta_commands_applied")
    applied = dict(published.iter_rows())
    names = {"location_id": locations(reader), "channel_id": channels(reader)}
    return [
        Progress(standing, _stage(standing, applied), applied.get(standing.entry.command_id), names)
        for standing in reversed(log.statuses())
    ]


def _stage(standing: Standing, applied: Mapping[str, int | None]) -> Stage:
    if standing.status is CommandStatus.REJECTED:
        return Stage.REJECTED
    if standing.status is CommandStatus.PENDING:
        return Stage.PENDING
    return Stage.APPLIED if standing.entry.command_id in applied else Stage.APPROVED


def _place(fields: Fields) -> str:
    return " lot ".join(filter(None, [fields["location_id"], fields.get("lot_id")]))


def _adjustment(fields: Fields) -> str:
    if "to_state" not in fields:
        return f"{fields['quantity']:+} {fields['sku']} at {_place(fields)}"
    move = f"{fields['from_state']} to {fields['to_state']}"
    return f"{fields['quantity']} {fields['sku']} from {move} at {_place(fields)}"


def _rule(fields: Fields) -> str:
    return f"set rule {fields['rule_id']}, version {fields['expected_version'] + 1}"


def _safety_stock(fields: Fields) -> str:
    place = _scope(fields["location_id"], "the network")
    return f"safety stock of {fields['sku']} at {place}: {fields['quantity']}"


def _buffer(fields: Fields) -> str:
    sku = _scope(fields["sku"], "every SKU")
    return f"buffer of {sku} against {fields['channel_id']}: {fields['quantity']}"


def _target(fields: Fields) -> str:
    name = f"{fields['metric']}.{fields['variant']}"
    return f"target of {name}: {fields['target']:g} from {fields['valid_from'][:10]}"


def _assignment(fields: Fields) -> str:
    if "assignee" not in fields:
        return f"give exception {fields['exception_id'][:SHORT_ID]} back to its team"
    return f"assign exception {fields['exception_id'][:SHORT_ID]} to {fields['assignee']}"


def _snooze(fields: Fields) -> str:
    until = fields["until"][:16].replace("T", " ")
    return f"snooze exception {fields['exception_id'][:SHORT_ID]} until {until} UTC"


def _resolution(fields: Fields) -> str:
    how = fields["resolution"].replace("_", " ")
    return f"resolve exception {fields['exception_id'][:SHORT_ID]} as {how}"


def _scope(code: str, everything: str) -> str:
    return everything if code == EVERYTHING else code


_SUMMARIES: Mapping[CommandType, Callable[[Fields], str]] = MappingProxyType(
    {
        CommandType.RECORD_ADJUSTMENT: _adjustment,
        CommandType.SET_ALLOCATION_RULE: _rule,
        CommandType.RETIRE_ALLOCATION_RULE: lambda fields: f"retire rule {fields['rule_id']}",
        CommandType.SET_SAFETY_STOCK: _safety_stock,
        CommandType.SET_CHANNEL_BUFFER: _buffer,
        CommandType.SET_METRIC_TARGET: _target,
        CommandType.ASSIGN_EXCEPTION: _assignment,
        CommandType.SNOOZE_EXCEPTION: _snooze,
        CommandType.RESOLVE_EXCEPTION: _resolution,
    }
)
