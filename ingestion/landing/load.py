"""Loading: complete batches into the raw tables, one transaction each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingestion.contracts.feeds import FEEDS, LINEAGE, Feed
from ingestion.landing.arrivals import utc
from ingestion.landing.batches import QUARANTINE, Manifest, list_batches, read_manifest
from ingestion.landing.sources import Source, load_sources
from ingestion.landing.sql import identifier, literal
from ingestion.settings import Settings

_TABLES = {
    "batches": """
        batch_id varchar not null, source_system varchar not null, file_name varchar not null,
        content_hash varchar, byte_count bigint, feeds varchar, physical_count bigint not null,
        loaded_count bigint not null, duplicate_count bigint not null,
        quarantined_count bigint not null, added_columns varchar, registered_at timestamp,
        loaded_at timestamp, superseded_by varchar""",
    "quarantine": """
        batch_id varchar not null, row_number bigint, source_system varchar, file_name varchar,
        feed varchar, rule varchar not null, reason varchar not null, record varchar,
        quarantined_at timestamp, superseded_by varchar""",
    "sources": """
        source_system varchar not null, owner varchar, timezone varchar, cadence_minutes bigint,
        fallback varchar, rank bigint, feeds varchar, is_builtin boolean""",
}


@dataclass(frozen=True)
class LoadedBatch:
    """One batch in the raw tables: physical = loaded + duplicate + quarantined."""

    batch_id: str
    source_system: str
    file_name: str
    feeds: tuple[str, ...]
    physical_count: int
    loaded_count: int
    duplicate_count: int
    quarantined_count: int


def ensure_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Create schema raw and every table of it that is not there yet."""
    connection.execute("create schema if not exists raw")
    for name, columns in _TABLES.items():
        connection.execute(f"create table if not exists raw.{name} ({columns})")
    for feed in FEEDS.values():
        columns = ", ".join(
            f"{identifier(column.name)} {column.sql_type}" for column in (*feed.columns, *LINEAGE)
        )
        connection.execute(f"create table if not exists raw.{identifier(feed.name)} ({columns})")


def load_batches(
    connection: duckdb.DuckDBPyConnection, settings: Settings, now: Callable[[], datetime]
) -> list[LoadedBatch]:
    """Load every complete batch that is not loaded yet and refresh raw.sources.

    A batch is loaded whole or not at all: stopping anywhere loses and doubles nothing. Rows that
    are there already, by content and key, count as duplicates; so does a statement without a
    recorded_at of its own that repeats what its system said last.
    """
    ensure_raw(connection)
    _refresh_sources(connection, load_sources(settings))
    known = {
        batch for (batch,) in connection.execute("select batch_id from raw.batches").fetchall()
    }
    fresh = [
        read_manifest(settings, batch) for batch in list_batches(settings) if batch not in known
    ]
    fresh.sort(key=lambda manifest: (manifest.landed_at, manifest.batch_id))
    return [_load(connection, settings, manifest, utc(now())) for manifest in fresh]


def _load(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest, at: datetime
) -> LoadedBatch:
    connection.begin()
    try:
        for feed in manifest.rows:
            _retract(connection, settings, manifest, feed)
            _insert_feed(connection, settings, manifest, feed)
        loaded = _new_records(connection, manifest) + manifest.passed_count
        batch = LoadedBatch(
            manifest.batch_id,
            manifest.source_system,
            manifest.file_name,
            manifest.feeds,
            manifest.physical_count,
            loaded,
            _repeated_records(connection, settings, manifest),
            manifest.quarantined_count,
        )
        _insert_batch(connection, settings, manifest, batch, at)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return batch


def _retract(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest, feed: str
) -> None:
    """Take back what earlier readings of the file made of records that are now read otherwise.

    Under another key they would stand beside what the record says now.
    """
    if not manifest.supersedes or not manifest.rows[feed]:
        return
    rows = f"read_parquet({literal(settings.batches / manifest.batch_id / f'{feed}.parquet')})"
    connection.execute(
        f"""delete from raw.{identifier(feed)} where list_contains($1, batch_id)
        and row_number in (select row_number from {rows})
        and record_hash not in (select record_hash from {rows})""",
        [list(manifest.supersedes)],
    )


def _insert_feed(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest, feed: str
) -> None:
    """Insert the rows that say something new."""
    if not manifest.rows[feed]:
        return
    table = f"raw.{identifier(feed)}"
    rows = f"read_parquet({literal(settings.batches / manifest.batch_id / f'{feed}.parquet')})"
    earliest, latest, count, distinct = connection.execute(
        f"""select min(recorded_at), max(recorded_at), count(*), count(distinct record_hash)
        from {rows}"""
    ).fetchall()[0]
    once = "" if distinct == count else _FIRST_ONLY
    if FEEDS[feed].revisable and latest >= manifest.registered_at:
        news, bounds = _restated(FEEDS[feed], table, rows), []
    else:
        news, bounds = _REPEATED.format(table=table), [earliest, latest]
    connection.execute(
        f"insert into {table} by name select incoming.* from {rows} as incoming {news} {once}",
        bounds,
    )


_REPEATED = """anti join (
    select record_hash from {table} where recorded_at between $1 and $2
) using (record_hash)"""
"""Leaves out what is there; every row has its own recorded_at, so equal hashes imply equal times
and the scan can be pruned by them."""


def _restated(feed: Feed, table: str, rows: str) -> str:
    """Leave out what its system's latest statement by then said already.

    A statement known only from when its file came may go back to what an earlier one said; so it
    is compared with the one in force at that time, not with every one.
    """
    names = dict.fromkeys(("source_system", *feed.key))
    key = f"row({', '.join(map(identifier, names))})"
    return f"""
        asof left join (
            select {key} as key, recorded_at as stated_at, list(record_hash) as hashes
            from {table} where {key} in (select {key} from {rows})
            group by all
        ) as stated
        on {key} = stated.key and incoming.recorded_at >= stated.stated_at
        where not coalesce(list_contains(stated.hashes, incoming.record_hash), false)"""


_FIRST_ONLY = "qualify row_number() over (partition by record_hash order by row_number) = 1"


def _new_records(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> int:
    if not manifest.rows:
        return 0
    selects = " union all ".join(
        f"select row_number from raw.{identifier(feed)} where batch_id = $1"
        for feed in manifest.rows
    )
    row = connection.execute(
        f"select count(distinct row_number) from ({selects})", [manifest.batch_id]
    ).fetchone()
    return int(row[0]) if row else 0


def _repeated_records(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest
) -> int:
    """Count the records of which nothing was new, and all of which is there.

    Counted for itself, not as what is left: a record that is nowhere makes the counts part.
    """
    told = " union all ".join(
        f"""select incoming.row_number,
            incoming.record_hash in (select record_hash from raw.{identifier(feed)}) as is_there
        from read_parquet({literal(settings.batches / manifest.batch_id / f"{feed}.parquet")})
            as incoming
        where incoming.row_number not in (
            select row_number from raw.{identifier(feed)} where batch_id = $1
        )"""
        for feed, count in manifest.rows.items()
        if count
    )
    if not told:
        return 0
    loaded = " union all ".join(
        f"select row_number from raw.{identifier(feed)} where batch_id = $1"
        for feed in manifest.rows
    )
    row = connection.execute(
        f"""select count(*) from (
            select row_number from ({told}) where row_number not in ({loaded})
            group by row_number having bool_and(is_there)
        )""",
        [manifest.batch_id],
    ).fetchone()
    return int(row[0]) if row else 0


def _insert_batch(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    manifest: Manifest,
    batch: LoadedBatch,
    at: datetime,
) -> None:
    connection.execute(
        "insert into raw.batches values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
        [
            manifest.batch_id,
            manifest.source_system,
            manifest.file_name,
            manifest.content_hash,
            manifest.byte_count,
            ",".join(manifest.feeds),
            batch.physical_count,
            batch.loaded_count,
            batch.duplicate_count,
            batch.quarantined_count,
            ",".join(manifest.added_columns),
            manifest.registered_at,
            at,
        ],
    )
    quarantine = settings.batches / manifest.batch_id / QUARANTINE
    if quarantine.exists():
        connection.execute(
            f"insert into raw.quarantine by name from read_parquet({literal(quarantine)})"
        )
    for table in ("batches", "quarantine"):
        connection.execute(
            f"update raw.{table} set superseded_by = $1 where list_contains($2, batch_id)",
            [manifest.batch_id, list(manifest.supersedes)],
        )


def _refresh_sources(connection: duckdb.DuckDBPyConnection, sources: dict[str, Source]) -> None:
    connection.begin()
    connection.execute("delete from raw.sources")
    connection.executemany(
        "insert into raw.sources values ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            [
                source.system,
                source.definition.owner,
                source.definition.timezone,
                source.definition.cadence_minutes,
                source.definition.fallback,
                source.definition.rank,
                ",".join(source.feeds),
                source.is_builtin,
            ]
            for source in sources.values()
        ],
    )
    connection.commit()
