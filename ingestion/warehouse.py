"""The one place that opens the warehouse read-write."""

import fcntl
import os
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

import duckdb

from ingestion.generations import ENGINE_OPTIONS, EngineOptions
from ingestion.settings import Settings

PATIENCE_SECONDS = 600
REMINDER_SECONDS = 30

Say = Callable[[str], None]


class WarehouseBusyError(RuntimeError):
    """Another process is writing the warehouse."""


class AnotherRunError(WarehouseBusyError):
    """Another run of ours had the right to write for longer than we waited."""


def exclusive(
    settings: Settings, patience_seconds: float = PATIENCE_SECONDS, say: Say | None = None
) -> AbstractContextManager[None]:
    """Hold the right to write the warehouse, across processes and whatever tool then opens it.

    The operating system gives the right back when the process ends, however it ends. While it
    waits, `say` hears at once, and then now and again, for whom. Raises AnotherRunError when
    somebody else holds it for longer than `patience_seconds`.
    """
    return _held(settings, ".writing", patience_seconds, say)


def turn(
    settings: Settings, patience_seconds: float = PATIENCE_SECONDS, say: Say | None = None
) -> AbstractContextManager[None]:
    """Hold the right to run the whole pipeline, so that no two runs undo each other's work.

    Waits, speaks and raises as `exclusive` does; a run holds that one too, stage by stage.
    """
    return _held(settings, ".running", patience_seconds, say)


@contextmanager
def _held(
    settings: Settings, name: str, patience_seconds: float, say: Say | None
) -> Generator[None]:
    settings.root.mkdir(parents=True, exist_ok=True)
    with (settings.root / name).open("a+") as lock:
        _wait(lock, settings, patience_seconds, say)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _wait(lock: TextIO, settings: Settings, patience_seconds: float, say: Say | None) -> None:
    start = spoken = time.monotonic()
    while not _is_ours(lock):
        waited = time.monotonic() - start
        if waited > patience_seconds:
            raise AnotherRunError(
                f"{_holder(lock)} has been writing {settings.warehouse} for "
                f"{patience_seconds:.0f} s. Wait for it, or stop it, then try again."
            )
        if say and (spoken == start or time.monotonic() - spoken > REMINDER_SECONDS):
            spoken = time.monotonic()
            say(
                f"{_holder(lock)} is writing {settings.warehouse}; waiting for it to finish, "
                f"{waited:.0f} of at most {patience_seconds:.0f} s."
            )
        time.sleep(0.2)


def _is_ours(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: TextIO) -> str:
    lock.seek(0)
    pid = lock.read().strip()
    return f"Another pipeline (process {pid})" if pid else "Another pipeline"


@contextmanager
def open_warehouse(settings: Settings) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse as its only writer and close it whatever happens.

    Raises WarehouseBusyError when another process has it open.
    """
    settings.root.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(settings.warehouse), config=engine_options(settings))
    except duckdb.IOException as error:
        raise WarehouseBusyError(
            f"The warehouse {settings.warehouse} cannot be opened for writing: {error}. "
            "Wait for the running pipeline to finish, or stop it, then try again."
        ) from error
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def engine_options(settings: Settings) -> EngineOptions:
    """DuckDB's start-up options for the pipeline; dbt's profile uses the same."""
    options: EngineOptions = ENGINE_OPTIONS | {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.root / "spill"),
    }
    return options | {"threads": str(settings.threads)} if settings.threads else options
