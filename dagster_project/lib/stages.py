"""Stages of a run: what each took, what it handled, and how much memory it all needed."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from traceback import clear_frames
from typing import Self

import duckdb
import psutil
import structlog

from ingestion.settings import Settings
from ingestion.warehouse import exclusive, open_warehouse


@dataclass
class Stage:
    """One stage under way; its body sets `rows` to how many `unit` it handled."""

    name: str
    run_id: str
    started_at: datetime
    rows: int = 0
    unit: str = "rows"
    seconds: float = 0.0


@contextmanager
def stage(settings: Settings, name: str, run_id: str) -> Generator[Stage]:
    """Hold the warehouse for one stage, and keep its time and rows in meta.stages."""
    with exclusive(settings, say=tell_waiting):
        current = Stage(name, run_id, datetime.now(UTC))
        start = time.perf_counter()
        structlog.get_logger().info("stage started", stage=name)
        try:
            yield current
        except BaseException as error:
            # Dagster never lets go of a failed step's error, nor that of the frames' connections
            clear_frames(error.__traceback__)
            raise
        current.seconds = time.perf_counter() - start
        with open_warehouse(settings) as connection:
            _keep(connection, current)
        structlog.get_logger().info(
            "stage finished",
            stage=name,
            rows=current.rows,
            unit=current.unit,
            seconds=round(current.seconds, 2),
        )


def tell_waiting(detail: str) -> None:
    """Log that a run waits for another one, for whoever watches it."""
    structlog.get_logger().info("waiting", detail=detail)


def ensure_stages(connection: duckdb.DuckDBPyConnection) -> None:
    """Create meta.stages where it is missing."""
    connection.execute("create schema if not exists meta")
    connection.execute(
        """
        create table if not exists meta.stages (
            run_id varchar, stage varchar, row_count bigint, seconds double, started_at timestamp
        )
        """
    )


def _keep(connection: duckdb.DuckDBPyConnection, finished: Stage) -> None:
    ensure_stages(connection)
    connection.execute(
        "insert into meta.stages values ($1, $2, $3, $4, $5)",
        [
            finished.run_id,
            finished.name,
            finished.rows,
            finished.seconds,
            finished.started_at.replace(tzinfo=None),
        ],
    )


class PeakMemory:
    """Samples the resident memory of this process and its children; `peak_bytes` is the most."""

    def __init__(self, interval_seconds: float = 0.1) -> None:
        self.peak_bytes = 0
        self._interval = interval_seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        process = psutil.Process()
        while not self._done.wait(self._interval):
            self.peak_bytes = max(self.peak_bytes, _resident(process))


def _resident(process: psutil.Process) -> int:
    total = 0
    for member in (process, *process.children(recursive=True)):
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
