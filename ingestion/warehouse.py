"""The one place that opens the warehouse read-write."""

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager

import duckdb

from ingestion.generations import ENGINE_OPTIONS, EngineOptions
from ingestion.settings import Settings


class WarehouseBusyError(RuntimeError):
    """Another process is writing the warehouse."""


@contextmanager
def exclusive(settings: Settings, patience_seconds: float = 600) -> Generator[None]:
    """Hold the right to write the warehouse, across processes and whatever tool then opens it.

    The operating system gives the right back when the process ends, however it ends. Raises
    WarehouseBusyError when somebody else holds it for longer than `patience_seconds`.
    """
    settings.root.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience_seconds
    with (settings.root / ".writing").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise WarehouseBusyError(
                        f"Another pipeline has been writing {settings.warehouse} for "
                        f"{patience_seconds:.0f} s. Wait for it, or stop it, then try again."
                    ) from None
                time.sleep(0.2)
        yield


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
