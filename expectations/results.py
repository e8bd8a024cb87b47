"""Where judgements are kept: meta.checks has how each check stands, meta.judged what it covers."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from dataclasses import replace as with_changes

import duckdb

from expectations.checks import CheckResult, Suite
from ingestion.contracts.vocabulary import Severity

COLUMNS = ", ".join(field.name for field in fields(CheckResult))


def ensure_meta(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of judgement where they are missing."""
    connection.execute("create schema if not exists meta")
    connection.execute(
        """
        create table if not exists meta.checks (
            suite varchar not null, check_name varchar not null, asset varchar not null,
            severity varchar not null, passed boolean not null, observed varchar not null,
            detail varchar not null, checked_at timestamp not null
        )
        """
    )
    connection.execute(
        "create table if not exists meta.judged (suite varchar not null, batch_id varchar not null)"
    )


def replace(connection: duckdb.DuckDBPyConnection, judged: Sequence[CheckResult]) -> None:
    """Let `judged` stand in place of the earlier results of the same suites, all or none."""
    if not judged:
        return
    connection.begin()
    try:
        connection.execute(
            "delete from meta.checks where list_contains($1, suite)",
            [sorted({result.suite for result in judged})],
        )
        connection.executemany(
            f"insert into meta.checks ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                list(
                    astuple(with_changes(result, checked_at=result.checked_at.replace(tzinfo=None)))
                )
                for result in judged
            ],
        )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def latest(
    connection: duckdb.DuckDBPyConnection, suites: Sequence[str] | None = None
) -> list[CheckResult]:
    """Return how every check stands, or those of the named suites."""
    rows = connection.execute(
        f"""
        select {COLUMNS} from meta.checks
        where $1 is null or list_contains($1, suite)
        order by suite, check_name
        """,
        [None if suites is None else list(suites)],
    ).fetchall()
    return [
        CheckResult(suite, name, asset, Severity(severity), passed, observed, detail, checked_at)
        for suite, name, asset, severity, passed, observed, detail, checked_at in rows
    ]


def unjudged(connection: duckdb.DuckDBPyConnection, suite: Suite) -> list[str]:
    """Return the loaded batches of the suite's feed that it has not passed yet."""
    rows = connection.execute(
        """
        select batch_id from raw.batches
        where list_contains(string_split(feeds, ','), $1)
            and batch_id not in (select batch_id from meta.judged where suite = $2)
        order by batch_id
        """,
        [suite.feed, suite.name],
    ).fetchall()
    return [batch for (batch,) in rows]


def narrowed(suite: Suite) -> Suite:
    """Return the suite over the rows of its unjudged batches only."""
    return with_changes(
        suite,
        query=f"""{suite.query} where batch_id not in (
            select batch_id from meta.judged where suite = '{suite.name}')""",
    )


def note_judged(connection: duckdb.DuckDBPyConnection, suite: str, batches: Sequence[str]) -> None:
    """Remember that these batches passed the suite."""
    if batches:
        connection.execute("insert into meta.judged select $1, unnest($2)", [suite, list(batches)])
