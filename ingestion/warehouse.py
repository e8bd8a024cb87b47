"""The one place that opens the warehouse read-write."""

from collections.abc import Generator
from contextlib import contextmanager

import duckdb

from ingestion.generations import ENGINE_OPTIONS
from ingestion.settings import Settings


class WarehouseBusyError(RuntimeError):
    """Another process is writing the warehouse."""


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


def engine_options(settings: Settings) -> dict[str, str]:
    """DuckDB's start-up options for the pipeline; dbt's profile uses the same."""
    options = ENGINE_OPTIONS | {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.root / "spill"),
    }
    return options | {"threads": str(settings.threads)} if settings.threads else options
