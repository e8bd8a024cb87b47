"""What a run brought to the inbox, as one alert: people hear of a run, not of each exception."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import duckdb

from dagster_project.lib.alerts import Alert
from ingestion.contracts.vocabulary import Severity
from ingestion.generations import NoGenerationError, open_current
from ingestion.settings import Settings

NAMED_TYPES = 6
NEW = """
    select
        exception_type,
        count(*) as exception_count,
        coalesce(sum(at_risk_amount), 0) as at_risk_amount,
        bool_or(severity = 'blocking') as has_blocking,
        bool_or(severity = 'warning') as has_warning,
        max_by(subject, priority) as first_subject,
        coalesce(max(priority), 0) as priority
    from fct_exceptions
    where state in ('open', 'assigned')
        and not list_contains($1::varchar[], exception_id)
    group by exception_type
    order by priority desc, exception_type
"""


@dataclass(frozen=True)
class NewOfType:
    """The exceptions of one type that a run brought."""

    exception_type: str
    exception_count: int
    at_risk_amount: Decimal
    has_blocking: bool
    has_warning: bool
    first_subject: str
    priority: Decimal

    def __str__(self) -> str:
        name = self.exception_type.replace("_", " ")
        return f"{name}: {self.exception_count:,}, {self.at_risk_amount:,.2f} at risk."


def new_exceptions_alert(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Alert | None:
    """Return the one alert for what waits now and did not in the current generation, or None.

    A run that is repeated before it publishes gives the same alert, at the data's own instant.
    """
    found = connection.execute(NEW, [_waiting_before(settings)]).fetchall()
    new = [NewOfType(*row) for row in found]
    if not new:
        return None
    (as_of_at,) = connection.execute("select as_of_at from staging.clock").fetchall()[0]
    return _rolled_up(new, as_of_at.replace(tzinfo=UTC))


def _rolled_up(new: list[NewOfType], at: datetime) -> Alert:
    count = sum(each.exception_count for each in new)
    amount = sum((each.at_risk_amount for each in new), Decimal(0))
    others = len(new) - NAMED_TYPES
    told = [str(each) for each in new[:NAMED_TYPES]]
    more = [f"{others} more {'type' if others == 1 else 'types'}."] if others > 0 else []
    return Alert(
        _severity(new),
        f"{count:,} new {'exception' if count == 1 else 'exceptions'}, {amount:,.2f} at risk",
        " ".join(told + more),
        f"Open Exceptions in the control tower; the first by priority is {new[0].first_subject}.",
        at,
    )


def _severity(new: list[NewOfType]) -> Severity:
    if any(each.has_blocking for each in new):
        return Severity.BLOCKING
    return Severity.WARNING if any(each.has_warning for each in new) else Severity.INFO


def _waiting_before(settings: Settings) -> list[str]:
    """Ids that the current generation shows as unresolved; what reopens since is news again."""
    try:
        _, published = open_current(settings)
    except NoGenerationError:
        return []
    with published:
        columns = published.sql("from fct_exceptions limit 0").columns
        unresolved = "where state != 'resolved'" if "state" in columns else ""
        rows = published.execute(f"select exception_id from fct_exceptions {unresolved}").fetchall()
    return [exception_id for (exception_id,) in rows]
