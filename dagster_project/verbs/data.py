"""Verbs about data: land, query, quarantine, source check."""

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.verbs import rim

if TYPE_CHECKING:
    from ingestion.landing.arrivals import LandedFile
    from ingestion.landing.check import FileCheck
    from ingestion.landing.quarantine import QuarantinedBatch

SHOWN_ROWS = 200
BatchId = Annotated[
    str, typer.Argument(metavar="BATCH", help="A batch id from `list`, or its beginning.")
]


class Format(StrEnum):
    """How `query` writes its rows."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def land(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    source: Annotated[
        str | None, typer.Option("--source", help="The system they are from.")
    ] = None,
    home: rim.Home = None,
    *,
    as_json: rim.AsJson = False,
) -> None:
    """Take files in: archive, check, batch. `truestock run` then brings them to the generation.

    Example: `truestock land exports/2026-03-01 --source native`
    """
    from datetime import UTC, datetime

    from ingestion.landing.land import land_paths

    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise typer.BadParameter(f"{', '.join(missing)} does not exist.", param_hint="PATH")
    with rim.answering():
        landed = land_paths(rim.home_of(home), paths, system=source, now=lambda: datetime.now(UTC))
    _answer_landed(landed, as_json=as_json)


def query(
    sql: Annotated[str | None, typer.Argument(metavar="[SQL]", help="One SELECT.")] = None,
    home: rim.Home = None,
    form: Annotated[Format, typer.Option("--format", help="How rows are written.")] = Format.TABLE,
) -> None:
    """Ask the published generation, read-only; without SQL, list what it holds.

    Example: `truestock query "select state, sum(quantity) from fct_stock_balances group by all"`
    """
    from ingestion.generations import check_query, execute_query, open_current

    listing = "select view_name as relation, column_count as columns from duckdb_views() "
    listing += "where not internal and database_name = 'memory' order by relation"
    with rim.answering():
        statement = check_query(sql or listing)
        generation, connection = open_current(rim.home_of(home))
        with connection:
            found = execute_query(connection, generation, statement)
            columns = [column[0] for column in found.description or ()]
            rows = found.fetchall()
    if form is Format.JSON:
        rim.print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif form is Format.CSV:
        sys.stdout.write(csv_of([columns, *rows]))
    else:
        rim.print_table(columns, rows[:SHOWN_ROWS])
        if len(rows) > SHOWN_ROWS:
            rim.err().print(f"{SHOWN_ROWS} of {len(rows):,} rows; --format csv writes them all.")


def csv_of(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV, each line ended as text lines end here."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def list_quarantine(home: rim.Home = None, *, as_json: rim.AsJson = False) -> None:
    """List the files with refused records, newest first.

    Example: `truestock quarantine list`
    """
    from ingestion.landing import quarantine

    with rim.answering():
        batches = quarantine.list_quarantine(rim.home_of(home))
    if as_json:
        rim.print_json([asdict(batch) for batch in batches])
        return
    if not batches:
        rim.out().print("Nothing is in quarantine.")
        return
    for batch in batches:
        rim.out().print(*_told(batch), "", sep="\n", markup=False, soft_wrap=True)
    refused = sum(batch.quarantined_count for batch in batches)
    rim.out().print(
        f"{refused:,} {'record is' if refused == 1 else 'records are'} in quarantine. "
        "`truestock quarantine show BATCH` shows each and its reason.",
        soft_wrap=True,
    )


def _told(batch: "QuarantinedBatch") -> list[str]:
    """One file's lines: what it is, then each reason with how many records it holds back."""
    refused = f"{batch.quarantined_count:,} of {batch.physical_count:,} refused"
    lines = [f"{batch.batch_id}  {batch.source_system} {batch.file_name}: {refused}"]
    for rule, count in batch.rules.items():
        like = "" if count == 1 else "for one: "
        lines.append(f"  {count:>6,}  {rule.replace('_', ' ')}: {like}{batch.examples[rule]}")
    return lines


def show_quarantine(
    batch: BatchId,
    row: Annotated[int | None, typer.Option("--row", help="Only this row of the file.")] = None,
    home: rim.Home = None,
    *,
    as_json: rim.AsJson = False,
) -> None:
    """Show a batch's refused records with their reasons.

    Example: `truestock quarantine show 5f0c-a1b2 --row 17`
    """
    from ingestion.landing import quarantine

    with rim.answering():
        records = quarantine.show(rim.home_of(home), batch, row)
    if as_json:
        rim.print_json([asdict(record) for record in records])
        return
    rim.print_table(
        ("row", "feed", "found at", "rule", "reason", "record"),
        [
            (r.row_number or "whole file", r.feed, r.found_at, r.rule, r.reason, r.record)
            for r in records
        ],
    )


def retry_quarantine(batch: BatchId, home: rim.Home = None, *, as_json: rim.AsJson = False) -> None:
    """Read a batch's archived file again, with today's mapping and contract.

    Example: `truestock quarantine retry 5f0c-a1b2`
    """
    from datetime import UTC, datetime

    from ingestion.landing import quarantine

    with rim.answering():
        landed = quarantine.retry(rim.home_of(home), batch, lambda: datetime.now(UTC))
    _answer_landed([landed], as_json=as_json)


def check_source(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with a source.yml.")],
    samples: Annotated[
        Path | None, typer.Option("--samples", help="A file or folder to try it on.")
    ] = None,
    *,
    as_json: rim.AsJson = False,
) -> None:
    """Try a source's mappings on sample files and keep nothing.

    Example: `truestock source check sources/acme --samples exports/acme`
    """
    from datetime import UTC, datetime

    from ingestion.landing import check

    with rim.answering():
        found = check.check_source(directory, samples, lambda: datetime.now(UTC))
    if as_json:
        rim.print_json(
            {"system": found.system, "feeds": found.feeds, "is_clean": found.is_clean}
            | {"files": [_without_frames(file) for file in found.files]}
        )
    else:
        rim.out().print(f"{found.system} delivers {', '.join(found.feeds)}.", markup=False)
        rim.print_table(
            ("file", "status", "records", "refused", "rows"),
            [
                (f.file_name, f.status, f.physical_count, f.quarantined_count,
                 ", ".join(f"{feed} {count}" for feed, count in f.rows.items()))
                for f in found.files
            ],
        )  # fmt: skip
        _print_messages((f.file_name, f.message) for f in found.files)
        for file in found.files:
            for record in file.quarantined:
                rim.out().print(
                    f"{file.file_name} row {record.row_number or '-'}: {record.reason}",
                    markup=False,
                    soft_wrap=True,
                )
    if found.files and not found.is_clean:
        raise typer.Exit(1)


def _print_messages(told: Iterable[tuple[str, str]]) -> None:
    for file_name, message in told:
        if message:
            rim.out().print(f"{file_name}: {message}", markup=False, soft_wrap=True)


def _without_frames(file: "FileCheck") -> dict[str, object]:
    return {
        "file_name": file.file_name,
        "status": file.status,
        "message": file.message,
        "physical_count": file.physical_count,
        "quarantined_count": file.quarantined_count,
        "rows": file.rows,
        "added_columns": file.added_columns,
        "first_rows": {feed: frame.to_dicts() for feed, frame in file.first_rows.items()},
        "quarantined": [asdict(record) for record in file.quarantined],
    }


def _answer_landed(landed: "list[LandedFile]", *, as_json: bool) -> None:
    """Print what became of each file; exit code 1 when one was refused whole."""
    if as_json:
        rim.print_json([asdict(file) for file in landed])
    else:
        rim.print_table(
            ("file", "system", "status", "records", "refused", "batch"),
            [
                (f.path.name, f.source_system, f.status, f.physical_count, f.quarantined_count,
                 f.batch_id)
                for f in landed
            ],
            unbroken={"batch"},
        )  # fmt: skip
        _print_messages((f.path.name, f.message) for f in landed)
        rim.err().print("`truestock run` brings what landed into the next generation.")
    if any(file.status == "quarantined" for file in landed):
        raise typer.Exit(1)
