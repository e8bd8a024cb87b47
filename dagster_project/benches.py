"""Benchmarks: each measures and returns figures; none passes or fails."""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

import duckdb
import psutil

from dagster_project.lib.demo import prepare_demo
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

END_AT = datetime(2026, 1, 1, tzinfo=UTC)
STARTS = 5


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "platform": platform.platform(terse=True),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def bench_pipeline(scale: str) -> dict[str, Any]:
    """Measure a first run, land to publish, a second one with nothing new, and a script by hand."""
    from dagster_project.lib.baseline import run_baseline  # noqa: PLC0415 - only this bench needs it
    from dagster_project.running import run_pipeline  # noqa: PLC0415 - loads Dagster

    with tempfile.TemporaryDirectory(prefix="truestock-bench-") as folder:
        settings = Settings.model_validate({"home": folder})
        demo = prepare_demo(settings, "dtc", scale, END_AT)
        start = time.perf_counter()
        first = run_pipeline(settings)
        first_seconds = time.perf_counter() - start
        start = time.perf_counter()
        run_pipeline(settings)
        second_seconds = time.perf_counter() - start
        by_hand = run_baseline(settings)
        figures = {
            "scale": scale,
            "source_events": demo.event_count,
            **_stages(settings, first.run_id),
            "first_run_seconds": round(first_seconds, 2),
            "events_per_second": round(demo.event_count / first_seconds),
            "second_run_seconds": round(second_seconds, 2),
            "peak_memory_mb": round(first.peak_bytes / 2**20),
            "by_hand_seconds": round(by_hand.seconds, 2),
            "times_by_hand": round(first_seconds / by_hand.seconds, 2),
            **{f"differing {name}": count for name, count in by_hand.differing.items()},
        }
        return {"pipeline": figures}


def _stages(settings: Settings, run_id: str) -> dict[str, Any]:
    """Return what each stage of a run took, and the records it landed."""
    with open_warehouse(settings) as connection:
        rows = connection.execute(
            "select stage, row_count, seconds from meta.stages where run_id = $1 "
            "order by started_at",
            [run_id],
        ).fetchall()
    records = next(count for stage, count, _ in rows if stage == "land and load")
    return {"records": records} | {f"{stage} seconds": round(taken, 2) for stage, _, taken in rows}


def bench_start(_scale: str) -> dict[str, Any]:
    """Measure how long `truestock --help` takes, as a person waits for it."""
    command = [str(Path(sys.executable).with_name("truestock")), "--help"]
    taken: list[float] = []
    for _ in range(STARTS):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
        taken.append(time.perf_counter() - start)
    figures = {
        "help_seconds_median": round(median(taken), 3),
        "help_seconds_worst": round(max(taken), 3),
    }
    return {"start": figures}


def bench_attribution(
    scale: str,
    scenarios: Sequence[str] = (),
    seeds: Sequence[int] = (),
    cause: str | None = None,
) -> dict[str, Any]:
    """Measure how right the causes of variances are, in units, on seeds nobody developed with.

    All operating models, held-out seeds and causes, unless some are named. Figures are per cause,
    for each model and all of them; the matrix says which planted cause was found as which.
    """
    from dagster_project.lib.attribution import (  # noqa: PLC0415 - loads the rest
        HELD_OUT_SEEDS,
        SCENARIOS,
        pooled,
        score_attribution,
    )

    chosen = tuple(seeds) or HELD_OUT_SEEDS
    scores = score_attribution(scale, tuple(scenarios) or SCENARIOS, chosen, cause)
    whole = pooled(scores.values())
    return {
        **{f"attribution {scenario}": score.by_cause() for scenario, score in scores.items()},
        "attribution": whole.by_cause(),
        "attribution_matrix": whole.matrix(),
        "attribution_summary": {"seeds": ", ".join(map(str, chosen))} | whole.summary(),
    }


BENCHES: Mapping[str, Callable[..., dict[str, Any]]] = MappingProxyType(
    {"start": bench_start, "pipeline": bench_pipeline, "attribution": bench_attribution}
)
"""What can be measured; each returns its figures by the name they are printed under."""
