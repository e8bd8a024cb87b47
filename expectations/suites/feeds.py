"""Suites at landing: one per feed over its rows, and one over the batches they came in."""

from datetime import timedelta
from types import MappingProxyType

from expectations.checks import Check, Suite, no_rows
from ingestion.contracts.feeds import FEEDS, WIDEST_SKEW, Column, Feed, Kind
from ingestion.contracts.vocabulary import Severity

LINEAGE_REQUIRED = ("source_system", "source_event_key", "recorded_at", "batch_id", "record_hash")
CONTRACT_BROKEN = (
    "Landing let a row through that its contract forbids. Keep the batch, report the defect with "
    "its batch_id, and do not edit raw tables by hand."
)
MOST_QUARANTINED = 0.05
SILENT_CADENCES = 2


def feed_suite(feed: Feed) -> Suite:
    """Return the suite of one feed, derived from its contract."""
    checks = (
        *(_present(name) for name in (*feed.required, *LINEAGE_REQUIRED)),
        *(_known_word(column) for column in feed.columns if column.choices),
        *(_at_least(column) for column in feed.columns if column.minimum is not None),
        _unique(feed),
        _not_ahead(),
    )
    return Suite(
        f"landing_{feed.name}", f"raw/{feed.name}", f'select * from raw."{feed.name}"',
        checks, feed.name,
    )  # fmt: skip


def _present(name: str) -> Check:
    return Check(
        f"{name}_is_present",
        Severity.BLOCKING,
        "ExpectColumnValuesToNotBeNull",
        f"every row has a {name}",
        CONTRACT_BROKEN,
        MappingProxyType({"column": name}),
    )


def _known_word(column: Column) -> Check:
    return Check(
        f"{column.name}_is_a_known_word",
        Severity.BLOCKING,
        "ExpectColumnValuesToBeInSet",
        f"every {column.name} is one of {', '.join(column.choices)}",
        CONTRACT_BROKEN,
        MappingProxyType(
            {"column": column.name, "value_set": [str(word) for word in column.choices]}
        ),
    )


def _at_least(column: Column) -> Check:
    return Check(
        f"{column.name}_is_not_below_{column.minimum}".replace("-", "minus_"),
        Severity.BLOCKING if column.kind is Kind.QUANTITY else Severity.WARNING,
        "ExpectColumnValuesToBeBetween",
        f"no {column.name} is below {column.minimum}",
        CONTRACT_BROKEN,
        MappingProxyType({"column": column.name, "min_value": column.minimum}),
    )


def _unique(feed: Feed) -> Check:
    return no_rows(
        "every_row_is_loaded_once",
        Severity.BLOCKING,
        "no row was loaded twice",
        "The load doubled rows. Restore the last backup or rebuild the warehouse from the batches "
        "(delete warehouse.duckdb, then `truestock run`).",
        found_by=f"""
            select record_hash, count(*) as times from raw."{feed.name}"
            where record_hash in (select record_hash from {{batch}})
            group by record_hash, recorded_at having count(*) > 1""",
    )


def _not_ahead() -> Check:
    hours = WIDEST_SKEW // timedelta(hours=1)
    return no_rows(
        "recorded_at_is_not_ahead_of_our_clock",
        Severity.WARNING,
        f"no system recorded a row more than {hours} hours after we took it in",
        "Check that system's clock and the `timezone` of its source.yml.",
        found_by=f"""
            select source_system, source_event_key, recorded_at from {{batch}}
            where recorded_at > ingested_at + interval {hours} hour""",
    )


def batches_suite() -> Suite:
    """Return the suite over landed files: nothing lost, little refused, nobody silent."""
    return Suite(
        "landing_batches",
        "raw/batches",
        "select * from raw.batches where superseded_by is null",
        (_accounting(), _refused_share(), _refused_whole(), _volume(), _silence()),
    )


def _accounting() -> Check:
    return no_rows(
        "every_record_is_accounted_for",
        Severity.BLOCKING,
        "in every file, physical = loaded + duplicate + quarantined records",
        "Records are missing from a batch. Keep its archived file and report the defect; "
        "`truestock quarantine list` and raw.batches show the counts.",
        found_by="""
            select batch_id, file_name from {batch}
            where physical_count <> loaded_count + duplicate_count + quarantined_count
                or least(loaded_count, duplicate_count, quarantined_count) < 0""",
    )


def _refused_share() -> Check:
    return no_rows(
        "few_records_are_quarantined",
        Severity.WARNING,
        f"at most {MOST_QUARANTINED:.0%} of a file's records are quarantined",
        "Run `truestock quarantine list`, correct the file or its mapping, then "
        "`truestock quarantine retry BATCH`.",
        found_by=f"""
            select file_name, quarantined_count, physical_count from {{batch}}
            where quarantined_count > {MOST_QUARANTINED} * physical_count""",
    )


def _refused_whole() -> Check:
    return no_rows(
        "no_file_is_quarantined_whole",
        Severity.WARNING,
        "every landed file could be read",
        "Run `truestock quarantine list`: it names each file, the reason and what to correct.",
        found_by="""
            select q.file_name, q.reason from raw.quarantine as q
            where q.row_number is null and q.batch_id in (select batch_id from {batch})""",
    )


def _volume() -> Check:
    return no_rows(
        "volumes_are_plausible",
        Severity.WARNING,
        "a system's newest file of a feed is between a tenth and ten times the usual size",
        "Ask the owner of the source whether the file is complete.",
        found_by="""
            with sized as (
                select
                    source_system, feeds, file_name, physical_count,
                    median(physical_count) over earlier as usual_count,
                    count(*) over earlier as earlier_count,
                    row_number() over newest_first as age
                from {batch}
                window
                    earlier as (
                        partition by source_system, feeds order by loaded_at, batch_id
                        rows between unbounded preceding and 1 preceding
                    ),
                    newest_first as (
                        partition by source_system, feeds order by loaded_at desc, batch_id desc
                    )
            )
            select source_system, file_name, physical_count, usual_count from sized
            where age = 1 and earlier_count >= 5
                and physical_count not between usual_count / 10 and usual_count * 10""",
    )


def _silence() -> Check:
    return no_rows(
        "no_source_is_silent",
        Severity.WARNING,
        f"every source delivered within {SILENT_CADENCES} of its cadences",
        "Ask the source's owner; until it speaks again its fallback (source.yml) applies.",
        found_by=f"""
            select source_system, max(registered_at) as last_ingested_at
            from {{batch}} inner join raw.sources using (source_system)
            group by source_system, cadence_minutes
            having max(registered_at)
                < timestamp '{{now}}' - to_minutes({SILENT_CADENCES} * cadence_minutes)""",
    )


def landing_suites() -> tuple[Suite, ...]:
    """Return every suite judged after the load."""
    return (*(feed_suite(feed) for feed in FEEDS.values()), batches_suite())
