"""The values of the command log: what is submitted, what is kept, what comes back."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from ingestion.contracts.commands import canonical_json, to_text
from ingestion.contracts.vocabulary import CommandStatus, CommandType, Role

GENESIS = "0" * 64
"""The previous hash of the first entry."""


@dataclass(frozen=True)
class Command:
    """What a person decided, as their client sends it; `command_id` is made by the client."""

    command_id: str
    command_type: CommandType
    payload: Mapping[str, object]
    actor: str
    role: Role
    reason: str = ""


@dataclass(frozen=True)
class Receipt:
    """What the log answers: where the command stands in it, for good."""

    command_id: str
    sequence: int
    needs_approval: bool
    submitted_at: datetime
    hash: str


@dataclass(frozen=True)
class Head:
    """The last entry of the log; its hash vouches for every entry before it."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class Entry:
    """One line of the log, as it was written and as it stays. `payload` is canonical JSON."""

    sequence: int
    command_id: str
    command_type: CommandType
    payload: str
    actor: str
    role: Role
    reason: str
    submitted_at: datetime
    needs_approval: bool
    previous_hash: str
    hash: str = field(default="")

    def content(self) -> dict[str, Any]:
        """Every field but the hash itself, as JSON values."""
        fields = asdict(self)
        del fields["hash"]
        return fields | {"submitted_at": to_text(self.submitted_at)}

    def computed_hash(self) -> str:
        """The hash this entry must have: sha256 over its canonical content and the one before."""
        return hashlib.sha256(canonical_json(self.content()).encode()).hexdigest()

    def receipt(self) -> Receipt:
        """The receipt of this entry."""
        return Receipt(
            self.command_id, self.sequence, self.needs_approval, self.submitted_at, self.hash
        )


@dataclass(frozen=True)
class Standing:
    """Where one command stands: an entry, its status, and who decided on it."""

    entry: Entry
    status: CommandStatus
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class BadEntry:
    """The first entry at which the chain does not hold, and what is wrong there."""

    sequence: int
    command_id: str
    cause: str
