"""An analyst's own copy to build on: of the whole warehouse, or of what is published."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from ingestion.generations import ENGINE_OPTIONS, open_current
from ingestion.settings import Settings
from ingestion.warehouse import Say, exclusive

COPY = "warehouse.duckdb"
UNFINISHED = ".unfinished"


class SandboxError(RuntimeError):
    """A copy could not be made; nothing of it is left."""


def copy_warehouse(settings: Settings, directory: Path, say: Say | None = None) -> Path:
    """Copy the warehouse between two writes and return the copy; nothing is held afterwards.

    Raises SandboxError when there is nothing to copy or something in its place, WarehouseBusyError
    when the pipeline writes for too long; `say` hears meanwhile.
    """
    if not settings.warehouse.exists():
        raise SandboxError(f"{settings.root} has no warehouse yet. Run `truestock run` first.")

    def fill(copy: Path) -> None:
        journal = settings.warehouse.with_name(f"{settings.warehouse.name}.wal")
        with exclusive(settings, say=say):
            shutil.copyfile(settings.warehouse, copy)
            if journal.exists():
                shutil.copyfile(journal, copy.with_name(f"{copy.name}.wal"))
        with duckdb.connect(copy, config=ENGINE_OPTIONS) as connection:
            connection.execute("checkpoint")

    return _finished(directory, fill)


def copy_generation(settings: Settings, directory: Path) -> Path:
    """Copy the current generation's relations, views and macros; needs no lock of the warehouse.

    Raises SandboxError when something is in its place, NoGenerationError before the first one.
    """

    def fill(copy: Path) -> None:
        generation, published = open_current(settings)
        manifest = generation.manifest
        views: dict[str, str] = manifest.get("views", {})
        with published, duckdb.connect(copy, config=ENGINE_OPTIONS) as connection:
            for relation in manifest["relations"]:
                if relation not in views:
                    rows = published.sql(f'from "{relation}"').to_arrow_reader()
                    connection.register("rows_of_it", rows)
                    connection.execute(f'create table "{relation}" as from rows_of_it')
                    connection.unregister("rows_of_it")
            for relation, select in views.items():
                connection.execute(f'create view "{relation}" as {select}')
            for macro in manifest["macros"]:
                connection.execute(macro)

    return _finished(directory, fill)


def variables(copy: Path) -> dict[str, str]:
    """Return the environment in which plain dbt works on `copy` and writes beside it alone."""
    return {
        "TRUESTOCK_WAREHOUSE": str(copy),
        "DBT_TARGET_PATH": str(copy.with_name("target")),
        "DBT_LOG_PATH": str(copy.with_name("logs")),
        "DO_NOT_TRACK": "1",
    }


def _finished(directory: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a copy beside its place and name it when it is whole."""
    copy = directory.expanduser().resolve() / COPY
    if copy.exists():
        raise SandboxError(
            f"{copy} exists and may hold somebody's work. Remove it, or name another folder."
        )
    copy.parent.mkdir(parents=True, exist_ok=True)
    unfinished = copy.with_name(COPY + UNFINISHED)
    for leftover in (unfinished, unfinished.with_name(f"{unfinished.name}.wal")):
        leftover.unlink(missing_ok=True)
    try:
        fill(unfinished)
        unfinished.rename(copy)
    finally:
        unfinished.unlink(missing_ok=True)
    return copy
