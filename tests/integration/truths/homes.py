"""Homes that are really landed, really loaded and really built, and what their ledger says."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingestion.landing.land import land_paths
from ingestion.landing.load import load_batches
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse
from tests.dbt import run_dbt
from tests.integration.truths.businesses import Business, rows_of, write_files

AT = datetime(2026, 9, 2, tzinfo=UTC)
LINEAGE = {
    *("batch_id", "row_number", "file_name", "ingested_at", "registered_at", "record_hash"),
    "physical_count",  # rows as delivered, repeats included
}
HISTORY = {"opened_at", "last_seen_at", "reopened_at", "reopened_count", "due_at", "is_overdue"}
"""What the inbox remembers of earlier builds, and what is due from the first of them on."""
NOW = {"fct_exceptions": "where is_present and first_seen_at is not null"}
"""Rows that say what is; the others remember what an earlier build saw, or age from when it did."""
LEDGER = ("+fct_stock_balances", "+fct_stock_balances_daily")


def home_of(businesses: Sequence[Business], root: Path) -> Settings:
    """A home to which these businesses told everything at once, up to its ledger."""
    write_files(rows_of(businesses), root / "told")
    settings = Settings(home=root / "home")
    land(settings, root / "told")
    build(settings, *LEDGER)
    return settings


def land(settings: Settings, *paths: Path, at: datetime = AT) -> None:
    """Land and load these paths; a quarantined row would make a proof of nothing."""
    landed = land_paths(settings, paths, system=None, now=lambda: at)
    assert {str(file.status) for file in landed} <= {"landed", "already_landed"}, landed
    with open_warehouse(settings) as connection:
        batches = load_batches(connection, settings, lambda: at)
    assert sum(batch.quarantined_count for batch in batches) == 0, batches


def build(settings: Settings, *selection: str, tested: bool = True) -> None:
    """Build these models, or all, and run the data tests on them."""
    run_dbt(
        settings,
        *("--quiet", "build", "--exclude-resource-type", "unit_test"),
        *(() if tested else ("--exclude-resource-type", "test")),
        *(("--select", *selection, "--indirect-selection", "buildable") if selection else ()),
    )


def query(settings: Settings, sql: str) -> list[tuple]:
    """Ask the warehouse, read-only."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def relations(settings: Settings) -> list[str]:
    """The names of everything that a generation publishes, but for what it says of its files."""
    tables = "select table_name from information_schema.tables where table_schema = 'main'"
    return [
        name
        for (name,) in query(settings, f"{tables} and table_name not like 'meta%' order by all")
    ]


def differing(one: Settings, other: Settings, relation: str) -> list[tuple]:
    """Rows that only one of two homes has, by every column but which file, row or build, when."""
    with duckdb.connect() as connection:
        for name, settings in {"one": one, "other": other}.items():
            connection.execute(f"attach '{settings.warehouse}' as {name} (read_only)")
        columns = connection.execute(f"describe one.main.{relation}").fetchall()
        names = ", ".join(f'"{name}"' for name, *_ in columns if name not in LINEAGE | HISTORY)
        here, there = (
            f"select {names} from {home}.main.{relation} {NOW.get(relation, '')}"
            for home in ("one", "other")
        )
        return connection.execute(
            f"(({here}) except all ({there})) union all (({there}) except all ({here})) limit 5"
        ).fetchall()


def changes_in(settings: Settings) -> dict[str, Counter]:
    """What each account of each business gained at each instant, named as inside the business."""
    rows = query(
        settings,
        """
        select split_part(location_id, '-', 1), occurred_at, split_part(location_id, '-', 2),
            split_part(sku, '-', 2), lot_id, state, sum(quantity)::bigint
        from fct_stock_entries
        group by all
        having sum(quantity) != 0
        """,
    )
    changes: dict[str, Counter] = defaultdict(Counter)
    for name, at, *account, quantity in rows:
        changes[name][at.replace(tzinfo=UTC), *account] = quantity
    return changes
