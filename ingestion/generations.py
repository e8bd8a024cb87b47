"""Published generations, read side: which one is current, and how to open it without a lock."""

import fcntl
import json
import os
import re
import weakref
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from ingestion.settings import Settings

DATABASE = "truestock.duckdb"
MANIFEST = "manifest.json"
POINTER = "CURRENT"
LOCK = ".reading"
_MISSING = re.compile(r'Table with name "?([^"\s]+)"? does not exist')

EngineOptions = dict[str, str | bool | int | float | list[str]]

ENGINE_OPTIONS: EngineOptions = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class NoGenerationError(LookupError):
    """Nothing has been published in this home yet."""


class GenerationGoneError(LookupError):
    """The generation was removed before it could be opened: a newer one is current."""


class UnknownRelationError(LookupError):
    """A query names a relation that the generation does not hold."""


class NotAQueryError(ValueError):
    """A statement other than one SELECT was sent to a published generation."""


@dataclass(frozen=True)
class Generation:
    """One published state: the directory published/<number>/ and what its manifest says."""

    number: int
    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest: relations, partitions, macros, published_at, command-log head."""
        return json.loads((self.path / MANIFEST).read_text())

    @property
    def published_at(self) -> datetime:
        """When it was published, UTC."""
        return datetime.fromisoformat(self.manifest["published_at"])


def current(settings: Settings) -> Generation:
    """Return the generation that CURRENT points at; raises NoGenerationError before the first."""
    try:
        number = int((settings.published / POINTER).read_text())
    except FileNotFoundError:
        raise NoGenerationError(
            f"No generation has been published in {settings.root}. "
            "Run `truestock run` (or `truestock demo`) first."
        ) from None
    return Generation(number, settings.published / str(number))


def open_generation(generation: Generation) -> duckdb.DuckDBPyConnection:
    """Open a generation for reading: every relation and macro under its own name, UTC, no lock.

    The connection can reach nothing but the generation's own files, and its configuration is
    locked. One connection serves one thread; take `.cursor()` for each further thread. While the
    connection lives, the generation is not retired. Raises GenerationGoneError when it is already;
    `open_current` cannot lose that race.
    """
    held = _hold(generation)
    manifest = generation.manifest
    connection = duckdb.connect(":memory:", config=ENGINE_OPTIONS)
    weakref.finalize(connection, os.close, held)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach {_literal(generation.path / DATABASE)} as generation (read_only)")
    views: dict[str, str] = manifest.get("views", {})
    for relation in manifest["relations"]:
        if relation in views:
            continue
        source = (
            f"read_parquet({_literal(generation.path / relation / '*/*.parquet')}, "
            "hive_partitioning = false, union_by_name = true)"
            if relation in manifest["partitioned"]
            else f'generation.main."{relation}"'
        )
        connection.execute(f'create view "{relation}" as from {source}')
    for relation, select in views.items():
        connection.execute(f'create view "{relation}" as {select}')
    for macro in manifest["macros"]:
        connection.execute(macro)
    connection.execute(f"set allowed_directories = [{_literal(str(generation.path) + os.sep)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def open_current(settings: Settings) -> tuple[Generation, duckdb.DuckDBPyConnection]:
    """Open whichever generation is current by then; raises NoGenerationError before the first."""
    while True:
        generation = current(settings)
        try:
            return generation, open_generation(generation)
        except GenerationGoneError:
            if current(settings) == generation:
                raise


def retire(generation: Generation, retired: Path) -> bool:
    """Move a generation to `retired` unless somebody reads it; tells whether it moved.

    Readers hold a shared lock from before they look until they close, so none is ever cut off.
    """
    try:
        descriptor = os.open(generation.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        generation.path.rename(retired)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def check_query(sql: str) -> str:
    """Return `sql` when it is exactly one SELECT (or EXPLAIN of one), else raise NotAQueryError."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise NotAQueryError(f"The query cannot be parsed: {error}") from error
    allowed = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
    if len(statements) != 1 or statements[0].type not in allowed:
        raise NotAQueryError(
            "A published generation answers exactly one SELECT at a time; "
            "change data through feeds and commands instead."
        )
    return sql


def execute_query(
    connection: duckdb.DuckDBPyConnection, generation: Generation, sql: str
) -> duckdb.DuckDBPyConnection:
    """Execute one SELECT; raises UnknownRelationError, with the published names that come close."""
    try:
        return connection.execute(sql)
    except duckdb.CatalogException as error:
        missing = _MISSING.search(str(error))
        if missing is None:
            raise
        relations: list[str] = generation.manifest["relations"]
        close = _closest(missing[1], relations)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise UnknownRelationError(
            f"Generation {generation.number} holds no relation {missing[1]}. {hint}"
            "`truestock query` without SQL lists what it holds."
        ) from error


def _closest(name: str, relations: list[str]) -> list[str]:
    """Return the published names most like `name`, whether or not it leaves out their prefix."""
    bare = {relation.partition("_")[2]: relation for relation in relations}
    close = get_close_matches(name.lower(), [*relations, *bare], n=2, cutoff=0.5)
    return list(dict.fromkeys(bare.get(each, each) for each in close))


def _hold(generation: Generation) -> int:
    """Take the shared lock that says somebody reads this generation; closing it gives it back."""
    try:
        descriptor = os.open(generation.path / LOCK, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if _is_at(descriptor, generation.path / LOCK):
            return descriptor
        os.close(descriptor)
    except FileNotFoundError:
        pass
    raise GenerationGoneError(
        f"Generation {generation.number} is no longer in {generation.path.parent}. "
        "Open the current one instead."
    )


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _literal(value: Path | str) -> str:
    return "'" + str(value).replace("'", "''") + "'"
