"""Big relations by month: immutable Parquet files, hard-linked while their content stays."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb

ORDER = ("sku", "occurred_at", "movement_id")
UNDATED = "none"


@dataclass(frozen=True)
class Month:
    """One month of a relation: its label, first instant (None: no timestamp), and fingerprint."""

    label: str
    starts_at: datetime | None
    fingerprint: str

    def rows_of(self, query: str, timestamp: str) -> str:
        """Return the SELECT of this month's rows."""
        if self.starts_at is None:
            return f"from ({query}) where {timestamp} is null"
        start = f"timestamp '{self.starts_at:%Y-%m-%d}'"
        return (
            f"from ({query}) "
            f"where {timestamp} >= {start} and {timestamp} < {start} + interval 1 month"
        )


def fingerprinted(
    connection: duckdb.DuckDBPyConnection, query: str, timestamp: str
) -> tuple[Month, ...]:
    """Return the months of a relation; equal fingerprints mean equal rows, columns and types."""
    columns = connection.execute(f"describe {query}").fetchall()
    shape = sha256(repr((duckdb.__version__, columns)).encode()).hexdigest()[:12]
    months = connection.execute(
        f"""
        select
            date_trunc('month', {timestamp})::timestamp as month,
            count(*) || '-' || bit_xor(hash(rows)) || '-' || sum(hash(rows) % 4294967296)
        from ({query}) as rows
        group by month
        order by month nulls last
        """
    ).fetchall()
    return tuple(
        Month(f"{month:%Y-%m}" if month else UNDATED, month, f"{shape}-{content}")
        for month, content in months
    )


def export(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    month: Month,
    *,
    query: str,
    timestamp: str,
) -> None:
    """Write one month's rows, sorted so that a SKU's timeline lies together."""
    present = {row[0] for row in connection.execute(f"describe {query}").fetchall()}
    order = ", ".join(column for column in ORDER if column in present) or timestamp
    folder.mkdir(parents=True)
    target = str(folder / "part.parquet").replace("'", "''")
    connection.execute(
        f"copy ({month.rows_of(query, timestamp)} order by {order}) "
        f"to '{target}' (format parquet, compression zstd)"
    )


def link(source: Path, folder: Path) -> None:
    """Give a month's files another name; where the file system cannot, copy them."""
    folder.mkdir(parents=True)
    for file in source.iterdir():
        try:
            os.link(file, folder / file.name)
        except OSError:
            shutil.copy2(file, folder / file.name)


def is_same(known: Mapping[str, str], month: Month, source: Path) -> bool:
    """Whether the generation before holds this month with the same content."""
    return known.get(month.label) == month.fingerprint and source.is_dir()
