"""Whether the facts can be trusted: sources, files, quarantine, checks, and the run itself."""

from datetime import datetime

import polars as pl

from app.queries.reader import Reader

LATE, STALE = 1, 2
"""Cadences without a file after which a source is late, and then stale."""


def sources(reader: Reader, now: datetime) -> pl.DataFrame:
    """Return one row per source with its freshness: fresh, late, stale, waiting or no cadence."""
    return reader.frame(
        f"""
        with
        aged as (
            select *, date_diff('minute', last_ingested_at, $now::timestamp) as age_minutes
            from meta_sources
        )
        select source_system,
            case
                when last_ingested_at is null then 'waiting for its first file'
                when cadence_minutes is null then 'no cadence set'
                when age_minutes > {STALE} * cadence_minutes then 'stale'
                when age_minutes > {LATE} * cadence_minutes then 'late'
                else 'fresh'
            end as freshness,
            cadence_minutes, last_ingested_at, last_event_at, batch_count, physical_count,
            quarantined_count, fallback, owner, feeds
        from aged
        order by list_position(['stale', 'late', 'fresh', 'no cadence set'], freshness) nulls last,
            source_system
        """,
        {"now": now.replace(tzinfo=None, second=0, microsecond=0)},
    )


def totals(reader: Reader) -> dict[str, int]:
    """Return the record counts over all files, and how many files do not tie."""
    rows = reader.frame(
        """
        select count(*) as file_count,
            coalesce(sum(physical_count), 0)::bigint as physical_count,
            coalesce(sum(loaded_count), 0)::bigint as loaded_count,
            coalesce(sum(duplicate_count), 0)::bigint as duplicate_count,
            coalesce(sum(quarantined_count), 0)::bigint as quarantined_count,
            count(*) filter (
                where physical_count <> loaded_count + duplicate_count + quarantined_count
            ) as untied_count
        from meta_batches
        """
    )
    return rows.to_dicts()[0]


def outcomes(reader: Reader) -> pl.DataFrame:
    """Return the record counts per source: how every physical record ended."""
    return reader.frame(
        """
        select source_system, count(*) as file_count,
            sum(physical_count)::bigint as physical_count,
            sum(loaded_count)::bigint as loaded_count,
            sum(duplicate_count)::bigint as duplicate_count,
            sum(quarantined_count)::bigint as quarantined_count
        from meta_batches group by source_system order by source_system
        """
    )


def batches(reader: Reader, limit: int) -> pl.DataFrame:
    """Return the latest files with their counts and whether these tie."""
    return reader.frame(
        """
        select file_name, source_system, feeds, physical_count, loaded_count, duplicate_count,
            quarantined_count,
            physical_count = loaded_count + duplicate_count + quarantined_count as ties,
            added_columns, byte_count, registered_at, loaded_at, batch_id
        from meta_batches order by registered_at desc, file_name limit $limit::int
        """,
        {"limit": limit},
    )


def quarantine_rules(reader: Reader) -> pl.DataFrame:
    """Return how many rows each rule holds back, per source and feed."""
    return reader.frame(
        """
        select source_system, feed, rule, any_value(reason) as example, count(*) as row_count
        from meta_quarantine group by source_system, feed, rule
        order by row_count desc, source_system, feed, rule
        """
    )


def quarantine(reader: Reader, rule: str | None, limit: int) -> pl.DataFrame:
    """Return the latest quarantined rows with their reason and original text."""
    return reader.frame(
        """
        select reason, rule, source_system, file_name, row_number, feed, record, found_at,
            quarantined_at, batch_id
        from meta_quarantine
        where $rule is null or rule = $rule
        order by quarantined_at desc, file_name, row_number limit $limit::int
        """,
        {"rule": rule, "limit": limit},
    )


def checks(reader: Reader) -> pl.DataFrame:
    """Return every check of the generation, failed ones first."""
    return reader.frame(
        """
        select suite, check_name, asset, severity, passed, observed, detail, checked_at
        from meta_checks order by passed, suite, asset, check_name
        """
    )


def suites(reader: Reader) -> pl.DataFrame:
    """Return how many checks of each suite passed."""
    return reader.frame(
        """
        select suite, count(*) as check_count, count(*) filter (where passed) as passed_count,
            count(*) filter (where not passed) as failed_count
        from meta_checks group by suite order by failed_count desc, suite
        """
    )


def stages(reader: Reader) -> pl.DataFrame:
    """Return the seconds and rows of each stage of the run that made this generation, in order."""
    return reader.frame(
        """
        select stage, seconds::double as seconds, row_count, started_at
        from meta_stages
        where run_id = (select run_id from meta_generation)
        order by started_at
        """
    )


def last_publication(reader: Reader) -> float | None:
    """Return the seconds of the newest publication known: that of the generation before."""
    rows = reader.frame(
        """
        select max_by(seconds::double, started_at) as seconds
        from meta_stages where stage = 'publish'
        """
    )
    return rows["seconds"][0]


def runs(reader: Reader, limit: int) -> pl.DataFrame:
    """Return the latest runs: when each began, its stages and their seconds together."""
    return reader.frame(
        """
        select min(started_at) as started_at, count(*) as stage_count,
            sum(seconds)::double as seconds, run_id
        from meta_stages group by run_id order by started_at desc limit $limit::int
        """,
        {"limit": limit},
    )
