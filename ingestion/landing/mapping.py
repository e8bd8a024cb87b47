"""One file through its mappings: parsed, mapped, checked against the contract, written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ingestion.contracts.feeds import FEEDS, LINEAGE
from ingestion.generations import NotAQueryError, check_query
from ingestion.landing.checking import Check, Stamp
from ingestion.landing.counting import count_records
from ingestion.landing.decoding import plain, settled_format
from ingestion.landing.lookups import LookupFile
from ingestion.landing.parsing import parse_delimited, parse_ndjson
from ingestion.landing.reading import ROW_NUMBER, Parsed, Reader
from ingestion.landing.rejections import MAX_REJECTIONS, FileRejectedError, Rejection, check_bounded
from ingestion.landing.sources import REFERENCE, FeedRule, Format, Source
from ingestion.landing.sql import identifier, literal
from ingestion.landing.tables import parse_excel, parse_json, parse_parquet
from ingestion.settings import Settings

SOURCE = "source"
_TOLD_TWICE = "redelivered_with_changes"
_KEYED = (
    "the event {key} came again with other content than in record {first}; events never change. "
    "If one document has several lines, source_event_key must name the line too"
)
_UNKEYED = (
    "record {first} says the same of one event but for its content ({key}); if they are two "
    "events, give each a source_event_key of its own, such as document and line"
)
_PARQUET = "(format parquet, parquet_version v2)"
_PARSERS = {
    "csv": parse_delimited,
    "ndjson": parse_ndjson,
    "json": parse_json,
    "parquet": parse_parquet,
    "excel": parse_excel,
}


@dataclass(frozen=True)
class Outcome:
    """What became of a file's records."""

    rows: dict[str, int]
    physical: int
    quarantined: int
    passed: int
    added_columns: tuple[str, ...]
    rejections: list[Rejection]
    repeated: int = 0


@dataclass(frozen=True)
class Workbench:
    """A DuckDB connection and the folders one file is worked on in."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    work: Path
    batch: Path

    def parse(self, archived: Path, file_name: str, declared: Format, relation: str) -> Parsed:
        """Parse one archived file into a relation; raises FileRejectedError."""
        work = self.work / relation
        work.mkdir()
        form = settled_format(file_name, declared)
        path = plain(archived, file_name, form, work, self.settings)
        limit = self.settings.max_record_bytes
        reader = Reader(self.connection, path, file_name, form, relation, limit, work)
        try:
            return _PARSERS[form.type or "csv"](reader)
        except FileRejectedError as error:
            if form.type not in {"csv", "ndjson"}:
                raise
            header = form.header if form.type == "csv" else 0
            physical = count_records(path, form.quote if form.type == "csv" else "").records
            raise FileRejectedError(error.rule, error.reason, physical - header) from error

    def parse_lookup(self, lookup: LookupFile) -> None:
        """Parse a lookup file; it has no row numbers, so that only the source's can be meant."""
        numbered = f"{lookup.relation}_numbered"
        self.parse(lookup.archived, lookup.file_name, lookup.form, numbered)
        self.connection.execute(
            f"create view {identifier(lookup.relation)} as "
            f"select * exclude ({ROW_NUMBER}) from {numbered}"
        )


def map_file(
    bench: Workbench, parsed: Parsed, source: Source, rules: Sequence[FeedRule], stamp: Stamp
) -> Outcome:
    """Map the parsed file to each of its feeds and write the good rows.

    A record with one bad row loads none of its rows. Raises FileRejectedError when a mapping
    cannot run on this file.
    """
    mapped = [rule for rule in rules if rule.feed != REFERENCE]
    try:
        checks = [_check(bench, source, rule, stamp) for rule in mapped]
        faults = [f for r, c in zip(mapped, checks, strict=True) for f in _faults(bench, r, c)]
        faults += [f for r, c in zip(mapped, checks, strict=True) for f in _conflicts(bench, r, c)]
        if len(mapped) == len(rules) and not all(rule.filters for rule in mapped):
            faults += _unmapped(bench, parsed, mapped)
    except FileRejectedError as error:
        reason = error.reason + _delimiter_seen(parsed.columns)
        raise FileRejectedError(error.rule, reason, parsed.physical) from error
    rejections = [*parsed.rejections, *_with_originals(parsed, faults)]
    bad = sorted({r.row_number for r in rejections if r.row_number is not None})
    bench.connection.execute(
        "create or replace table bad as select unnest($1::bigint[]) as row_number", [bad]
    )
    feeds = dict.fromkeys(rule.feed for rule in mapped)
    rows = {feed: _write(bench, feed, mapped, has_bad=bool(bad)) for feed in feeds}
    if len(mapped) < len(rules):
        _write_reference(bench)
    passed = parsed.physical - len(bad) - _claimed(bench, mapped, has_bad=bool(bad))
    added = dict.fromkeys(name for check in checks for name in check.added)
    repeated = sum(_repeated(bench, r, c) for r, c in zip(mapped, checks, strict=True))
    return Outcome(rows, parsed.physical, len(bad), passed, tuple(added), rejections, repeated)


def _repeated(bench: Workbench, rule: FeedRule, check: Check) -> int:
    """Return how many events without a key of their own say what another row of the file says.

    They count once, as they do when they come in two files: nobody can tell a second event from a
    second telling.
    """
    if not FEEDS[rule.feed].is_event or "source_event_key" in check.named:
        return 0
    row = bench.connection.execute(
        f"select count(*) - count(distinct record_hash) from {_checked(rule)} where rule is null"
    ).fetchone()
    return int(row[0]) if row else 0


def _delimiter_seen(columns: Sequence[str]) -> str:
    """Say which delimiter a file of a single column looks to be written with."""
    if len(columns) != 1:
        return ""
    counts = {delimiter: columns[0].count(delimiter) for delimiter in (";", "\t", "|", ",")}
    seen = max(counts, key=lambda delimiter: counts[delimiter])
    if not counts[seen]:
        return ""
    return (
        f". It was read as one column, and its delimiter looks like {seen!r}: give a source of "
        f"your own `format: {{delimiter: {seen!r}}}`, or send it with commas"
    )


def _mapped(rule: FeedRule) -> str:
    return f"mapped_{rule.mapping_name}_{rule.feed}"


def _checked(rule: FeedRule) -> str:
    return f"checked_{rule.mapping_name}_{rule.feed}"


def _check(bench: Workbench, source: Source, rule: FeedRule, stamp: Stamp) -> Check:
    """Create the checked rows of one mapping."""
    try:
        select = check_query(source.mappings[rule.mapping_name]).strip().rstrip(";")
        bench.connection.execute(f"create or replace view {_mapped(rule)} as {select}")
        present = bench.connection.execute(f"describe {_mapped(rule)}").fetchall()
        check = Check(FEEDS[rule.feed], tuple(name for name, *_ in present), stamp)
        if check.absent:
            raise FileRejectedError(
                "missing_column",
                f"{rule.feed} cannot do without {', '.join(check.absent)}; the columns are: "
                f"{', '.join(name for name in check.present if name != ROW_NUMBER)}",
            )
        bench.connection.execute(
            f"create or replace table {_checked(rule)} as {check.rows_sql(_mapped(rule))}"
        )
    except NotAQueryError as error:
        raise FileRejectedError("mapping_error", f"{rule.mapping_name}.sql: {error}") from error
    except duckdb.BinderException as error:
        raise FileRejectedError(
            "missing_column", f"{rule.mapping_name}.sql does not fit the file: {_first_line(error)}"
        ) from error
    except duckdb.Error as error:
        raise FileRejectedError(
            "mapping_error", f"{rule.mapping_name}.sql failed on the file: {_first_line(error)}"
        ) from error
    return check


def _first_line(error: duckdb.Error) -> str:
    return str(error).partition("\n")[0]


def _faults(bench: Workbench, rule: FeedRule, check: Check) -> list[Rejection]:
    """Return what breaks a rule, one rejection a record; nearly always nothing, so asked first."""
    bad, unnumbered = bench.connection.execute(
        f"""select count(distinct row_number), count(*) filter (row_number is null)
        from {_checked(rule)} where rule is not null or row_number is null"""
    ).fetchone() or (0, 0)
    if unnumbered:
        raise FileRejectedError(
            "mapping_error",
            f"{rule.mapping_name}.sql gives rows without row_number; each needs its record's",
        )
    if not bad:
        return []
    faults = check.faults_sql(_mapped(rule))
    if bad > MAX_REJECTIONS:
        example = bench.connection.execute(f"select reason from ({faults}) limit 1").fetchone()
        check_bounded(bad, str(example[0]) if example else "unknown")
    found = bench.connection.execute(
        f"select distinct on (row_number) row_number, rule, reason "
        f"from ({faults}) order by row_number"
    ).fetchall()
    if len(found) != bad:
        raise FileRejectedError(
            "mapping_error", f"{rule.mapping_name}.sql gives other rows each time it is asked"
        )
    return [Rejection(number, rule.feed, code, reason, None) for number, code, reason in found]


def _conflicts(bench: Workbench, rule: FeedRule, check: Check) -> list[Rejection]:
    """Return the rows that tell an event of the file again with other content.

    The first by recorded_at is kept, as staging keeps the first of all files: so it makes no
    difference whether both come in one file or in two.
    """
    feed, table = FEEDS[rule.feed], _checked(rule)
    if not feed.is_event:
        return []
    identity = ", ".join(map(identifier, feed.identity))
    same = " and ".join(
        f"told.{name} is not distinct from conflicting.{name}" for name in feed.identity
    )
    told = bench.connection.execute(
        f"""with conflicting as (
            select {identity} from {table} where rule is null
            group by all having min(record_hash) != max(record_hash)
        ),
        told as (
            select told.* from {table} as told inner join conflicting
            on {same}
            where told.rule is null
        )
        select row_number, source_event_key, first_value(row_number) over same as first_number
        from told
        window same as (partition by {identity} order by recorded_at, record_hash, row_number)
        qualify record_hash != first_value(record_hash) over same
        order by row_number"""
    ).fetchall()
    reason = _KEYED if "source_event_key" in check.named else _UNKEYED
    rejections = [
        Rejection(number, feed.name, _TOLD_TWICE, reason.format(key=key, first=first), None)
        for number, key, first in told
    ]
    check_bounded(len(rejections), rejections[0].reason if rejections else "")
    return rejections


def _with_originals(parsed: Parsed, faults: Sequence[Rejection]) -> list[Rejection]:
    numbers = sorted({fault.row_number for fault in faults if fault.row_number is not None})
    originals = parsed.original(numbers) if numbers else {}
    return [replace(fault, record=originals.get(fault.row_number or 0)) for fault in faults]


def _unmapped(bench: Workbench, parsed: Parsed, rules: Sequence[FeedRule]) -> list[Rejection]:
    claims = " union all ".join(f"select row_number from {_checked(rule)}" for rule in rules)
    rows = bench.connection.execute(
        f"select row_number from {parsed.relation} anti join ({claims}) using (row_number) "
        "order by row_number"
    ).fetchall()
    reason = "no mapping takes it; extend the mapping, or set `filters: true` to skip such rows"
    check_bounded(len(rows), reason)
    return [Rejection(number, "", "unmapped", reason, None) for (number,) in rows]


def _good(rule: FeedRule, *, has_bad: bool) -> str:
    return f"from {_checked(rule)}" + (" anti join bad using (row_number)" if has_bad else "")


def _write(bench: Workbench, feed: str, rules: Sequence[FeedRule], *, has_bad: bool) -> int:
    names = ", ".join(
        identifier(column) for column in (*FEEDS[feed].column_names, *(c.name for c in LINEAGE))
    )
    selects = " union all ".join(
        f"select {names} {_good(rule, has_bad=has_bad)}" for rule in rules if rule.feed == feed
    )
    row = bench.connection.execute(
        f"copy ({selects}) to {literal(bench.batch / (feed + '.parquet'))} {_PARQUET}"
    ).fetchone()
    return int(row[0]) if row else 0


def _write_reference(bench: Workbench) -> None:
    target = literal(bench.batch / f"{REFERENCE}.parquet")
    bench.connection.execute(f"copy (from {SOURCE}) to {target} {_PARQUET}")


def _claimed(bench: Workbench, rules: Sequence[FeedRule], *, has_bad: bool) -> int:
    if not rules:
        return 0
    claims = " union all ".join(f"select row_number {_good(r, has_bad=has_bad)}" for r in rules)
    row = bench.connection.execute(f"select count(distinct row_number) from ({claims})").fetchone()
    return int(row[0]) if row else 0
