"""The command log: the only way a person's decision enters Truestock.

Append-only and hash-chained. Every refusal happens here or in the database, never in a page.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa

from ingestion.commands import checks, rows
from ingestion.commands.errors import CommandConflictError, UnknownCodeError
from ingestion.commands.master_data import Known, PublishedMasterData
from ingestion.commands.model import (
    GENESIS,
    BadEntry,
    Command,
    Entry,
    Head,
    Receipt,
    Standing,
)
from ingestion.commands.policy import Policy, Rule, Weight, needs_approval, read_policy
from ingestion.commands.store import Store
from ingestion.contracts.commands import (
    Decision,
    Payload,
    RecordAdjustment,
    ResolveException,
)
from ingestion.contracts.vocabulary import CommandStatus, CommandType, Role
from ingestion.settings import Settings

Clock = Callable[[], datetime]
MasterData = Callable[[Payload], Known]


class CommandLog:
    """One home's command log.

    `master_data` says what is known of the things a payload names; `clock` returns aware UTC.
    """

    def __init__(self, store: Store, policy: Policy, master_data: MasterData, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._master_data = master_data
        self._clock = clock
        store.migrate()

    def submit(self, command: Command) -> Receipt:
        """Write `command` once and return its receipt; the same command again, the same receipt.

        Raises a CommandRefusedError (errors.py has one per cause) when it is not accepted, and
        CommandLogUnavailableError when the database does not answer; either way nothing is written.
        """
        command = checks.normalise(command)
        now = self._clock().astimezone(UTC).replace(tzinfo=None)
        payload = checks.parse_payload(command, now)
        rule = self._policy.rule(command.command_type, command.role)
        known = self._master_data(payload)
        self._check_note(command, payload)
        with self._store.writing() as connection:
            earlier = rows.find(connection, command.command_id)
            if earlier is not None:
                return _same_receipt(earlier, command, payload)
            if known.unknown:
                raise UnknownCodeError(known.unknown)
            if known.amiss:
                raise checks.invalid(command, *known.amiss)
            checks.check_version(connection, payload)
            checks.check_decision(connection, command, payload)
            weight = self._weigh(connection, command, payload, known, now)
            entry = _next_entry(
                rows.head(connection), command, payload, now, needs=needs_approval(rule, weight)
            )
            rows.append(connection, entry, payload)
        return entry.receipt()

    def rule(self, command_type: CommandType, role: Role) -> Rule:
        """Return what the policy asks of `role` for `command_type`; raises NotAllowedError."""
        return self._policy.rule(command_type, role)

    def entries(self, after_sequence: int = 0) -> list[Entry]:
        """Return every entry after `after_sequence`, in order."""
        with self._store.reading() as connection:
            return rows.entries(connection, after_sequence)

    def statuses(self, after_sequence: int = 0) -> list[Standing]:
        """Return where every command after `after_sequence` stands, decisions left out."""
        with self._store.reading() as connection:
            return rows.standings(connection, after_sequence)

    def pending_approvals(self) -> list[Entry]:
        """Return the entries that wait for somebody to approve or reject them, oldest first."""
        return [
            standing.entry
            for standing in self.statuses()
            if standing.status is CommandStatus.PENDING
        ]

    def head(self) -> Head:
        """Return the last entry's sequence and hash; sequence 0 while the log is empty."""
        with self._store.reading() as connection:
            return rows.head(connection)

    def rule_version(self, rule_id: str) -> int:
        """Return how often the allocation rule has been set: the version to expect; 0 is new."""
        with self._store.reading() as connection:
            return rows.rule_version(connection, rule_id)

    def verify(self, published: Head | None = None) -> BadEntry | None:
        """Walk the chain and return the first entry that does not hold, or None.

        With the head a generation was published with, truncation and rewriting show too.
        """
        return checks.first_bad_entry(self.entries(), published)

    def close(self) -> None:
        """Close the log's connections."""
        self._store.close()

    def _check_note(self, command: Command, payload: Payload) -> None:
        """Ask for a reason where an approval takes more than the books hold."""
        is_bare = command.command_type == CommandType.APPROVE and not command.reason
        if not is_bare or not isinstance(payload, Decision):
            return
        with self._store.reading() as connection:
            target = rows.find(connection, payload.command_id)
        if target is None or target.command_type != CommandType.RECORD_ADJUSTMENT:
            return
        adjustment = RecordAdjustment.model_validate_json(target.payload)
        after = self._master_data(adjustment).balance_after
        if after is not None and after < 0:
            below = f"it leaves {after:,} {adjustment.sku} at {adjustment.location_id}"
            raise checks.invalid(command, ("reason", f"it is empty, and {below}: say why"))

    def _weigh(
        self,
        connection: sa.Connection,
        command: Command,
        payload: Payload,
        known: Known,
        now: datetime,
    ) -> Weight:
        if isinstance(payload, ResolveException) and not payload.is_proved_by_data:
            return Weight(payload.units, known.at_risk_amount)
        if not isinstance(payload, RecordAdjustment):
            return Weight(payload.units, Decimal(0))
        since = now - self._policy.window
        units = payload.units + rows.units_since(connection, command.actor, payload.sku, since)
        return Weight(units, None if known.unit_cost is None else known.unit_cost * units)


def open_command_log(
    settings: Settings, clock: Clock = lambda: datetime.now(UTC), policy: Policy | None = None
) -> CommandLog:
    """Open the command log of a home, creating or migrating it where needed."""
    return CommandLog(
        Store(settings.command_log), policy or read_policy(), PublishedMasterData(settings), clock
    )


def _same_receipt(earlier: Entry, command: Command, payload: Payload) -> Receipt:
    again = replace(
        earlier,
        command_type=command.command_type,
        payload=payload.canonical(),
        actor=command.actor,
        role=command.role,
        reason=command.reason,
    )
    if again != earlier:
        raise CommandConflictError(
            f"The command id {command.command_id} is taken by entry {earlier.sequence}, "
            f"a {earlier.command_type} with other content. Submit this one with a new id."
        )
    return earlier.receipt()


def _next_entry(
    head: Head, command: Command, payload: Payload, now: datetime, *, needs: bool
) -> Entry:
    entry = Entry(
        sequence=head.sequence + 1,
        command_id=command.command_id,
        command_type=command.command_type,
        payload=payload.canonical(),
        actor=command.actor,
        role=command.role,
        reason=command.reason,
        submitted_at=now,
        needs_approval=needs,
        previous_hash=head.hash if head.sequence else GENESIS,
    )
    return replace(entry, hash=entry.computed_hash())
