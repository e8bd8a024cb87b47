"""How a home stands: what is published, and what waits for somebody."""

from dataclasses import dataclass
from datetime import datetime

from dagster_project.lib.alerts import Alert, raised_alerts
from ingestion.commands.log import open_command_log
from ingestion.contracts.vocabulary import CommandStatus
from ingestion.generations import NoGenerationError, open_current
from ingestion.settings import Settings

COUNTS = """
    select
        (select coalesce(sum(physical_count), 0)::bigint from meta_batches),
        (select coalesce(sum(quarantined_count), 0)::bigint from meta_batches),
        (select count(*) from fct_exceptions where state != 'resolved')
"""
FAILED = """
    select asset, check_name, severity, detail from meta_checks where not passed
    order by severity, asset, check_name
"""

APPLIED = "select command_id from meta_commands_applied"


@dataclass(frozen=True)
class FailedCheck:
    """A check that does not hold in the current generation: of what, how grave, and what to do."""

    asset: str
    check_name: str
    severity: str
    detail: str


@dataclass(frozen=True)
class Standing:
    """A home at one moment; the counts are the current generation's, 0 before the first.

    A command is pending until a generation holds its effect: first it waits for approval, then for
    the next run.
    """

    home: str
    generation: int | None
    published_at: datetime | None
    physical_count: int
    quarantined_count: int
    failed_checks: tuple[FailedCheck, ...]
    exception_count: int
    pending_commands: int
    pending_approvals: int
    alerts: tuple[Alert, ...]


def standing(settings: Settings) -> Standing:
    """Return how a home stands. Alerts raised since the last publication are the open ones."""
    alerts = raised_alerts(settings)
    try:
        generation, connection = open_current(settings)
    except NoGenerationError:
        pending, approvals = _pending(settings, frozenset())
        return Standing(
            str(settings.root), None, None, 0, 0, (), 0, pending, approvals, tuple(alerts)
        )
    with connection:
        physical, quarantined, exceptions = connection.execute(COUNTS).fetchall()[0]
        failed = tuple(FailedCheck(*row) for row in connection.execute(FAILED).fetchall())
        applied = frozenset(row[0] for row in connection.execute(APPLIED).fetchall())
    pending, approvals = _pending(settings, applied)
    since = generation.published_at
    return Standing(
        str(settings.root), generation.number, since, physical, quarantined, failed, exceptions,
        pending, approvals, tuple(alert for alert in alerts if alert.raised_at > since),
    )  # fmt: skip


def _pending(settings: Settings, applied: frozenset[str]) -> tuple[int, int]:
    """Return how many commands no generation holds yet, and how many of them want approval."""
    if not settings.command_log_url and not (settings.root / "commands.sqlite").exists():
        return 0, 0
    log = open_command_log(settings)
    try:
        stands = [each.status for each in log.statuses() if each.entry.command_id not in applied]
    finally:
        log.close()
    approvals = stands.count(CommandStatus.PENDING)
    return approvals + stands.count(CommandStatus.APPROVED), approvals
