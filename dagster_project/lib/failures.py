"""A failed run in words."""

from datetime import datetime

import dagster as dg

from dagster_project.lib.alerts import Alert
from dagster_project.lib.release import RebuiltError
from ingestion.contracts.vocabulary import Severity
from ingestion.warehouse import AnotherRunError

OVERTAKEN = (AnotherRunError, RebuiltError)
LONGEST = 2000
WRAPPERS = {
    "DagsterExecutionStepExecutionError",
    "DagsterUserCodeExecutionError",
    "RetryRequested",
    "RetryRequestedFromPolicy",
}


def cause_of(event: dg.DagsterEvent) -> str:
    """Return what broke in a failed step, in its own words, without Dagster's wrapping."""
    _, message = _unwrapped(event)
    return f"{event.step_key}: {message}"


def is_overtaken(event: dg.DagsterEvent) -> bool:
    """Whether a step failed only because another run had its turn: that one publishes."""
    return _unwrapped(event)[0] in {each.__name__ for each in OVERTAKEN}


def is_blocked(event: dg.DagsterEvent) -> bool:
    """Whether a step failed by a blocking check, which raises its own alert."""
    return _unwrapped(event)[0] == "DagsterAssetCheckFailedError"


def is_interrupted(event: dg.DagsterEvent) -> bool:
    """Whether a person ended the step."""
    return _unwrapped(event)[0] == dg.DagsterExecutionInterruptedError.__name__


def _unwrapped(event: dg.DagsterEvent) -> tuple[str | None, str | None]:
    """Return the class and the message of what broke."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None and error.cls_name in WRAPPERS:
        error = error.cause
    if error is None:
        return None, event.message
    return error.cls_name, error.message.split(": ", 1)[-1].strip()


def failure_alert(detail: str, at: datetime) -> Alert:
    """Return the alert for a run that broke: what broke, and how to go on."""
    return Alert(
        Severity.BLOCKING,
        "A pipeline run failed",
        detail.strip()[-LONGEST:],
        "Nothing was published; the last good generation stays up. Mend what the message names, "
        "then run `truestock run`: every stage may be repeated.",
        at,
    )
