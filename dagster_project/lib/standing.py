"""How a home stands: what is published, and what waits for somebody."""

from dataclasses import dataclass
from datetime import datetime

from dagster_project.lib.alerts import Alert, raised_alerts
from ingestion.commands.log import open_command_log
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


@dataclass(frozen=True)
class FailedCheck:
    """A check that does not hold in the current generation: of what, how grave, and what to do."""

    asset: str
    check_name: str
    severity: str
    detail: str


@dataclass(frozen=True)
class Standing:
    """A home at one moment; the counts are the current generation's, 0 before the first."""

    home: str
    generation: int | None
    published_at: datetime | None
    physical_count: int
    quarantined_count: int
    failed_checks: tuple[FailedCheck, ...]
    exception_count: int
    pending_commands: int
    alerts: tuple[Alert, ...]


def standing(settings: Settings) -> Standing:
    """Return how a home stands. Alerts raised since the last publication are the open ones."""
    pending = _pending(settings)
    alerts = raised_alerts(settings)
    try:
        generation, connection = open_current(settings)
    except NoGenerationError:
        return Standing(str(settings.root), None, None, 0, 0, (), 0, pending, tuple(alerts))
    with connection:
        physical, quarantined, exceptions = connection.execute(COUNTS).fetchall()[0]
        failed = tuple(FailedCheck(*row) for row in connection.execute(FAILED).fetchall())
    since = generation.published_at
    return Standing(
        str(settings.root), generation.number, since, physical, quarantined, failed, exceptions,
        pending, tuple(alert for alert in alerts if alert.raised_at > since),
    )  # fmt: skip


def _pending(settings: Settings) -> int:
    if not settings.command_log_url and not (settings.root / "commands.sqlite").exists():
        return 0
    log = open_command_log(settings)
    try:
        return len(log.pending_approvals())
    finally:
        log.close()
