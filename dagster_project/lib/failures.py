"""A failed run in words."""

from datetime import datetime

from dagster_project.lib.alerts import Alert
from ingestion.contracts.vocabulary import Severity

LONGEST = 2000


def failure_alert(detail: str, at: datetime) -> Alert:
    """Return the alert for a run that broke: what broke, and how to go on."""
    return Alert(
        Severity.BLOCKING,
        "A pipeline run failed",
        detail.strip()[-LONGEST:],
        "Nothing was published; the last good generation stays up. Read the step's log in the "
        "Dagster UI or the message above, mend its cause, then run `truestock run`: every stage "
        "may be repeated.",
        at,
    )
