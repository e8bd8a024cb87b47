"""One run of the pipeline in this process: the same job the daemon runs."""

from contextlib import redirect_stdout
from dataclasses import dataclass
from uuid import uuid4

import dagster as dg

from dagster_project.definitions import defs
from dagster_project.lib.alerts import raise_alert
from dagster_project.lib.dbt_build import DBT_LOG
from dagster_project.lib.failures import (
    cause_of,
    failure_alert,
    is_blocked,
    is_interrupted,
    is_overtaken,
)
from dagster_project.lib.home import Home
from dagster_project.lib.stages import PeakMemory, tell_waiting
from ingestion.settings import Settings
from ingestion.warehouse import turn


class RunFailedError(RuntimeError):
    """A run did not publish; its message says which step broke and how."""


class OvertakenError(RunFailedError):
    """A run gave way to another one, which publishes; nobody needs to be told."""


@dataclass(frozen=True)
class Run:
    """A run that published."""

    run_id: str
    peak_bytes: int


def run_pipeline(settings: Settings) -> Run:
    """Run the job `pipeline` to its end; raises RunFailedError when it does not publish.

    Keeps no Dagster history: the daemon's runs do. Waits for its turn, and raises AnotherRunError
    when that does not come. A failure raises an alert as the daemon would, unless the run was only
    overtaken; a run that a person interrupts raises KeyboardInterrupt and no alert.
    """
    with turn(settings, say=tell_waiting):
        return _run(settings)


def _run(settings: Settings) -> Run:
    run_id = str(uuid4())
    home = Home(path=str(settings.root))
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (
        dg.DagsterInstance.ephemeral() as instance,
        PeakMemory() as memory,
        (settings.logs / DBT_LOG).open("a") as log,
        redirect_stdout(log),
    ):
        finished = defs.resolve_job_def("pipeline").execute_in_process(
            instance=instance,
            run_id=run_id,
            resources={**defs.resources, "home": home} if defs.resources else {"home": home},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
    if not finished.success:
        _report(settings, home, finished)
    return Run(run_id, memory.peak_bytes)


def _report(settings: Settings, home: Home, finished: dg.ExecuteInProcessResult) -> None:
    failures = finished.get_step_failure_events()
    detail = "\n".join(cause_of(event) for event in failures)
    if any(map(is_interrupted, failures)):
        raise KeyboardInterrupt
    if any(map(is_overtaken, failures)):
        raise OvertakenError(detail)
    if not any(map(is_blocked, failures)):
        raise_alert(settings, failure_alert(detail, home.now()))
    raise RunFailedError(detail or "The run stopped before it published.")
