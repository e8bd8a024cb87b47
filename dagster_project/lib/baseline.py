"""The hand-written script that the pipeline's speed is compared with, and its answers checked."""

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.contracts.feeds import FEEDS, LINEAGE, Column, Kind
from ingestion.generations import DATABASE, current
from ingestion.settings import Settings
from ingestion.warehouse import engine_options

SCRIPT = Path(__file__).with_name("baseline.sql")
METRICS = """
    select metric, period, numerator::bigint, denominator::bigint
    from published.main.kpi_values
    where grain = 'day' and (metric, variant) in (
        ('unit_fill_rate', 'first_shipment'), ('line_fill_rate', 'first_shipment'),
        ('on_time_ship', 'line'), ('stock_cancel_rate', 'line')
    )
"""
READERS = {
    "csv": "read_csv({}, all_varchar = true)",
    "ndjson": "read_json({}, format = 'newline_delimited')",
    "parquet": "read_parquet({})",
}
BALANCE = "location_id, sku, state, quantity"
LINE = "order_id, line_id, shipped_quantity, cancelled_quantity"
ANSWERS = {
    "balances": (
        f"select {BALANCE} from balances",
        f"select {BALANCE} from published.main.fct_stock_balances",
    ),
    "order lines": (
        f"select {LINE} from order_lines",
        f"select {LINE} from published.main.fct_order_lines",
    ),
    "daily metrics": ("from daily_metrics", METRICS),
}


@dataclass(frozen=True)
class Baseline:
    """What the script took, and in how many rows its answers and the published ones differ."""

    seconds: float
    differing: dict[str, int]


def run_baseline(settings: Settings) -> Baseline:
    """Run the script over a generated home's drop folder and compare with its generation."""
    database = settings.root / "baseline.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database), config=engine_options(settings)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        start = time.perf_counter()
        for folder in sorted((settings.drop / "native").iterdir()):
            _name_files(connection, folder)
        for statement in duckdb.extract_statements(SCRIPT.read_text("utf-8")):
            connection.execute(statement)
        seconds = time.perf_counter() - start
        return Baseline(seconds, _differing(connection, settings))


def _name_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make one typed view of each feed that a system's folder holds, whatever its files' format."""
    for feed in sorted({path.name.partition("-")[0] for path in folder.iterdir()}):
        selects = [
            _typed(connection, feed, reader.format(f"'{folder}/{feed}-*.{suffix}'"))
            for suffix, reader in READERS.items()
            if any(folder.glob(f"{feed}-*.{suffix}"))
        ]
        connection.execute(
            f"create or replace temp view {folder.name}_{feed} as "
            + " union all by name ".join(selects)
        )


def _typed(connection: duckdb.DuckDBPyConnection, feed: str, files: str) -> str:
    present = {name for name, *_ in connection.execute(f"describe from {files}").fetchall()}
    columns = [
        f"{_value(column)} as {column.name}"
        if column.name in present
        else f"null::{column.sql_type} as {column.name}"
        for column in (*FEEDS[feed].columns, *LINEAGE)
        if column.name in present or column not in LINEAGE
    ]
    return f"select {', '.join(columns)} from {files}"


def _value(column: Column) -> str:
    """Cast what casts; text like `1.5` is no whole number, though DuckDB would round it."""
    if column.kind is Kind.QUANTITY:
        return f"case when {column.name}::varchar not like '%.%' then {column.name}::bigint end"
    return f"try_cast({column.name} as {column.sql_type})"


def _differing(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, int]:
    database = str(current(settings).path / DATABASE).replace("'", "''")
    connection.execute(f"attach '{database}' as published (read_only)")
    return {
        name: _count(connection, f"({script}) except all ({published})")
        + _count(connection, f"({published}) except all ({script})")
        for name, (script, published) in ANSWERS.items()
    }


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"select count(*) from ({query})").fetchone()
    return int(row[0]) if row else 0
