"""One published generation, as every query asks it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC
from threading import Lock
from types import MappingProxyType

import duckdb
import polars as pl

from ingestion.generations import Generation


class OtherVersionError(RuntimeError):
    """The generation lacks a relation or column that this version of the tower reads."""


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
    """Return what one SELECT finds through a cursor.

    Raises OtherVersionError where the generation was published by a version of Truestock that did
    not know what is asked for.
    """
    try:
        found = cursor.sql(sql, params=dict(parameters) or None)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        lacking = str(error).partition("\n")[0]
        raise OtherVersionError(
            f"Another version of Truestock published this generation: {lacking} "
            "`truestock run` publishes one that this version reads."
        ) from error
    return pl.DataFrame(found.to_arrow_table())
