"""One published generation, as every query asks it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC
from threading import Lock
from types import MappingProxyType

import duckdb
import polars as pl

from ingestion.generations import Generation

NOTHING: Mapping[str, object] = MappingProxyType({})


class Reader:
    """Asks one generation; safe to share between threads, each question has its own cursor."""

    def __init__(self, generation: Generation, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._opening = Lock()
        self.number = generation.number
        at = generation.published_at
        self.published_at = at if at.tzinfo else at.replace(tzinfo=UTC)

    @contextmanager
    def cursor(self) -> Generator[duckdb.DuckDBPyConnection]:
        """A cursor of its own, whose temporary tables nobody else sees."""
        with self._opening:
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def frame(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pl.DataFrame:
        """Return the rows of one SELECT; values are always bound, never pasted."""
        with self.cursor() as cursor:
            return rows(cursor, sql, parameters)


def rows(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] = NOTHING
) -> pl.DataFrame:
    """Return what one SELECT finds through a cursor."""
    found = cursor.sql(sql, params=dict(parameters) or None)
    return pl.DataFrame(found.to_arrow_table())
