"""Reading and appending rows of the command log inside a transaction."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingestion.commands.model import GENESIS, Entry, Head, Standing
from ingestion.commands.store import COMMAND_LOG
from ingestion.contracts.commands import (
    AssignException,
    Decision,
    Payload,
    RecordAdjustment,
    ResolveException,
    RetireAllocationRule,
    SetAllocationRule,
    SetChannelBuffer,
    SetMetricTarget,
    SetSafetyStock,
    SnoozeException,
    to_text,
)
from ingestion.contracts.vocabulary import CommandStatus, CommandType, Role

LOG = COMMAND_LOG.c
DECISION = COMMAND_LOG.alias("decision")


def append(connection: sa.Connection, entry: Entry, payload: Payload) -> None:
    """Write `entry` with the columns the database's own rules look at."""
    columns = entry.content() | {
        "hash": entry.hash,
        "target_id": payload.command_id if isinstance(payload, Decision) else None,
        "subject": _subject(payload),
    }
    connection.execute(COMMAND_LOG.insert().values(**columns))


def find(connection: sa.Connection, command_id: str) -> Entry | None:
    """Return the entry with `command_id`, or None."""
    row = connection.execute(_entries().where(LOG.command_id == command_id)).mappings().first()
    return None if row is None else _entry(row)


def entries(connection: sa.Connection, after_sequence: int) -> list[Entry]:
    """Return every entry after `after_sequence`, in order."""
    query = _entries().where(LOG.sequence > after_sequence).order_by(LOG.sequence)
    return [_entry(row) for row in connection.execute(query).mappings()]


def standings(connection: sa.Connection, after_sequence: int) -> list[Standing]:
    """Return every command after `after_sequence` that is no decision, with its decision."""
    query = (
        _entries()
        .add_columns(
            DECISION.c.command_type.label("decision_type"),
            DECISION.c.actor.label("decided_by"),
            DECISION.c.submitted_at.label("decided_at"),
        )
        .outerjoin_from(COMMAND_LOG, DECISION, DECISION.c.target_id == LOG.command_id)
        .where(LOG.target_id.is_(None), LOG.sequence > after_sequence)
        .order_by(LOG.sequence)
    )
    return [_standing(row) for row in connection.execute(query).mappings()]


def is_decided(connection: sa.Connection, command_id: str) -> bool:
    """Whether somebody approved or rejected `command_id`."""
    query = sa.select(LOG.sequence).where(LOG.target_id == command_id)
    return connection.execute(query).first() is not None


def head(connection: sa.Connection) -> Head:
    """Return the last entry's sequence and hash."""
    query = sa.select(LOG.sequence, LOG.hash).order_by(LOG.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(0, GENESIS) if row is None else Head(row.sequence, row.hash)


def rule_version(connection: sa.Connection, rule_id: str) -> int:
    """Return how often the rule has been set."""
    query = sa.select(sa.func.count()).where(
        LOG.command_type == CommandType.SET_ALLOCATION_RULE, LOG.subject == rule_id
    )
    return connection.scalar(query) or 0


def units_since(connection: sa.Connection, actor: str, sku: str, since: datetime) -> int:
    """Sum the units `actor` adjusted of `sku` since an instant, rejected commands left out."""
    rejected = sa.exists().where(
        DECISION.c.target_id == LOG.command_id, DECISION.c.command_type == CommandType.REJECT
    )
    query = sa.select(LOG.actor, LOG.payload).where(
        LOG.command_type == CommandType.RECORD_ADJUSTMENT,
        LOG.subject == sku,
        LOG.submitted_at >= to_text(since),
        ~rejected,
    )
    return sum(
        abs(json.loads(row.payload)["quantity"])
        for row in connection.execute(query)
        if row.actor.casefold() == actor.casefold()
    )


def _subject(payload: Payload) -> str | None:
    match payload:
        case RecordAdjustment() | SetSafetyStock() | SetChannelBuffer():
            return payload.sku
        case SetAllocationRule() | RetireAllocationRule():
            return payload.rule_id
        case SetMetricTarget():
            return payload.metric
        case AssignException() | SnoozeException() | ResolveException():
            return payload.exception_id
        case _:
            return None


def _entries() -> sa.Select[Any]:
    return sa.select(*(LOG[name] for name in Entry.__dataclass_fields__))


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(
        sequence=row["sequence"],
        command_id=row["command_id"],
        command_type=CommandType(row["command_type"]),
        payload=row["payload"],
        actor=row["actor"],
        role=Role(row["role"]),
        reason=row["reason"],
        submitted_at=_instant(row["submitted_at"]),
        needs_approval=row["needs_approval"],
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )


def _standing(row: sa.RowMapping) -> Standing:
    entry = _entry(row)
    decided_at = row["decided_at"]
    return Standing(
        entry,
        _status(entry, row["decision_type"]),
        row["decided_by"],
        None if decided_at is None else _instant(decided_at),
    )


def _status(entry: Entry, decision: str | None) -> CommandStatus:
    if decision == CommandType.REJECT:
        return CommandStatus.REJECTED
    if decision == CommandType.APPROVE or not entry.needs_approval:
        return CommandStatus.APPROVED
    return CommandStatus.PENDING


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)
