"""One run of the Dagster job in this process, for the command line."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from dagster_project.lib.home import prepare_instance
from dagster_project.lib.stages import PeakMemory, ensure_stages
from ingestion.generations import Generation, NoGenerationError, current
from ingestion.settings import Settings
from ingestion.warehouse import exclusive, open_warehouse

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class StageTime:
    """How long one stage took, and how many rows, checks or relations it handled."""

    stage: str
    seconds: float
    rows: int


@dataclass(frozen=True)
class Run:
    """How a run ended. `failures` has one sentence per failed step; empty when it published."""

    run_id: str
    generation: Generation | None
    stages: tuple[StageTime, ...]
    peak_bytes: int
    failures: tuple[str, ...]


def run_pipeline(settings: Settings, job: dg.JobDefinition) -> Run:
    """Run the job on this home, in this process, recorded in the home's own Dagster instance."""
    prepare_instance(settings)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with (
        dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance,
        PeakMemory() as memory,
    ):
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={**QUIET, "resources": {"home": {"config": {"path": str(settings.root)}}}},
        )
    failures = tuple(_sentence(event) for event in result.all_events if event.is_step_failure)
    return Run(
        result.run_id,
        _current(settings),
        tuple(_stages(settings, result.run_id)),
        memory.peak_bytes,
        failures if failures or result.success else ("The run did not finish.",),
    )


def _sentence(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"{event.step_key}: {error.message.strip() if error else 'failed'}"


def _stages(settings: Settings, run_id: str) -> Sequence[StageTime]:
    with exclusive(settings), open_warehouse(settings) as connection:
        ensure_stages(connection)
        rows = connection.execute(
            "select stage, seconds, row_count from meta.stages where run_id = $1 "
            "order by started_at",
            [run_id],
        ).fetchall()
    return [StageTime(stage, seconds, count) for stage, seconds, count in rows]


def _current(settings: Settings) -> Generation | None:
    try:
        return current(settings)
    except NoGenerationError:
        return None
