"""What every parser takes and gives."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.generations import ENGINE_OPTIONS
from ingestion.landing.rejections import FileRejectedError, Rejection
from ingestion.landing.sources import Format
from ingestion.landing.sql import identifier, literal, literal_list
from ingestion.settings import Settings

ROW_NUMBER = "row_number"
_MAX_COLUMNS = 2_000


@dataclass(frozen=True)
class Reader:
    """One plain file to be read into `relation`.

    `limit` bounds a record in bytes; `work` is a folder for files that last as long as the parse.
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    file_name: str
    form: Format
    relation: str
    limit: int
    work: Path

    @property
    def table(self) -> str:
        """The table under the relation."""
        return f"{self.relation}_rows"

    def count_rows(self, relation: str) -> int:
        """Return the number of rows of a relation."""
        row = self.connection.execute(f"select count(*) from {relation}").fetchone()
        return int(row[0]) if row else 0


@dataclass(frozen=True)
class Parsed:
    """A parsed file: `relation` holds the readable records, `rejections` the others.

    `physical` counts both. `original` returns the text of records by row number.
    """

    relation: str
    columns: tuple[str, ...]
    physical: int
    rejections: tuple[Rejection, ...]
    original: Callable[[list[int]], dict[int, str]]


def usable_columns(columns: tuple[str, ...], reader: Reader) -> tuple[str, ...]:
    """Return the column names when each is there once; raises FileRejectedError otherwise."""
    if not columns:
        raise FileRejectedError(
            "wrong_header", f"{reader.file_name} names no columns; check its header or source.yml"
        )
    if len(columns) > _MAX_COLUMNS:
        raise FileRejectedError(
            "wrong_header",
            f"{reader.file_name} has {len(columns)} columns; at most {_MAX_COLUMNS} are read",
        )
    lowered = [name.lower() for name in columns]
    twice = sorted(name for name, count in Counter(lowered).items() if name and count > 1)
    if twice or "" in lowered:
        fault = f"names {', '.join(twice)} twice" if twice else "leaves a column unnamed"
        raise FileRejectedError(
            "wrong_header", f"the header of {reader.file_name} {fault}; name each column once"
        )
    return columns


def scratch_database(settings: Settings, work: Path, batch: Path) -> duckdb.DuckDBPyConnection:
    """Open a scratch database that reaches the archive and its own two folders, nothing else."""
    connection = duckdb.connect(":memory:", config={**ENGINE_OPTIONS})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set memory_limit = {literal(settings.memory_limit)}")
    connection.execute(f"set temp_directory = {literal(work / 'spill')}")
    if settings.threads:
        connection.execute(f"set threads = {settings.threads}")
    reachable = literal_list(f"{folder}/" for folder in (settings.archive, work, batch))
    connection.execute(f"set allowed_directories = {reachable}")
    connection.execute("set enable_external_access = false")
    return connection


def publish(reader: Reader, columns: tuple[str, ...], row_number: str) -> None:
    """Create the relation over the reader's table: row_number, then the columns as text.

    Empty text and the format's spellings of nothing are null.
    """
    nothing = ", ".join(literal(text) for text in ("", *reader.form.null_text))
    fields = [
        f"case when {name} not in ({nothing}) then {name} end as {name}"
        for name in map(identifier, columns)
        if name.lower() != f'"{ROW_NUMBER}"'
    ]
    reader.connection.execute(
        f"create or replace view {reader.relation} as "
        f"select {', '.join([f'{row_number} as {ROW_NUMBER}', *fields])} from {reader.table}"
    )
