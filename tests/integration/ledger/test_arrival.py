"""How and when files arrive changes no balance, at any instant (promise T2)."""

import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.landing.land import land_paths
from ingestion.settings import Settings
from tests.integration.halves import halves_of

AT = datetime(2026, 9, 2, tzinfo=UTC)
LedgerOf = Callable[[Callable[[Settings], None]], Settings]

# Everything a generation says of the world; only lineage (which file, which row, when) may differ.
FACTS = {
    "fct_stock_movements": "* exclude (batch_id, row_number, ingested_at)",
    "fct_stock_entries": "* exclude (ingested_at)",
    "fct_order_lines": "* exclude (batch_id, row_number)",
}


def _facts(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return {
            relation: connection.execute(
                f"select {columns} from {relation} order by all"
            ).fetchall()
            for relation, columns in FACTS.items()
        }


def _land(settings: Settings, *paths: Path) -> None:
    land_paths(settings, paths, system=None, now=lambda: AT)


@pytest.fixture(scope="module")
def straight(ledger_of: LedgerOf, drop: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger of the files landed once, as they are."""
    facts = _facts(ledger_of(lambda settings: _land(settings, drop)))
    assert len(facts["fct_stock_movements"]) > 5000
    return facts


def test_landing_twice_and_in_another_order_changes_nothing(
    ledger_of: LedgerOf, drop: Path, straight: dict[str, list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    files = sorted(path for path in drop.rglob("*") if path.is_file())
    random.Random(5).shuffle(files)

    def deliver(settings: Settings) -> None:
        for file in files:
            _land(settings, file)
        for number, file in enumerate(files):
            again = tmp_path / str(number) / file.name
            again.parent.mkdir()
            shutil.copyfile(file, again)
            if file.suffix in (".csv", ".ndjson"):
                again.write_bytes(again.read_bytes().rstrip(b"\n"))
            _land(settings, again)

    assert _facts(ledger_of(deliver)) == straight


def test_splitting_and_overlapping_files_changes_nothing(
    ledger_of: LedgerOf, drop: Path, straight: dict[str, list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    def deliver(settings: Settings) -> None:
        for number, file in enumerate(sorted(drop.rglob("*.*"))):
            _land(settings, *halves_of(file, tmp_path / str(number)))

    assert _facts(ledger_of(deliver)) == straight


def test_two_systems_of_which_nobody_is_declared_book_the_same_in_whatever_order_they_come(
    ledger_of: LedgerOf, tmp_path: Path
) -> None:
    header = "source_system,event_type,occurred_at,sku,quantity,location_id,po_id,po_line_id"
    told = [
        "acme,received,2026-03-01T09:00:00Z,MUG,48,BERLIN,,",
        "acme,received,2026-03-02T09:00:00Z,MUG,24,BERLIN,,",
        "acme,received,2026-03-05T09:00:00Z,MUG,7,BERLIN,P1,1",
        "best,received,2026-03-03T09:00:00Z,MUG,24,BERLIN,,",
        "best,received,2026-03-09T09:00:00Z,MUG,48,BERLIN,,",
        "zeta,received,2026-03-04T09:00:00Z,MUG,24,BERLIN,,",
        "zeta,received,2026-03-06T09:00:00Z,MUG,7,BERLIN,P1,1",
    ]

    def deliver(settings: Settings, rows: list[str]) -> None:
        products, locations = tmp_path / "products.csv", tmp_path / "locations.csv"
        products.write_text("sku,title\nMUG,Mug\n")
        locations.write_text("location_id,name\nBERLIN,Berlin\n")
        _land(settings, products, locations)
        for number, row in enumerate(rows):
            file = tmp_path / f"receipts_{number}.csv"
            file.write_text(f"{header}\n{row}\n")
            _land(settings, file)

    forwards = _facts(ledger_of(lambda settings: deliver(settings, told)))
    backwards = _facts(ledger_of(lambda settings: deliver(settings, told[::-1])))

    assert backwards == forwards
    with_stock = [row for row in forwards["fct_stock_entries"] if "available" in row]
    assert len(with_stock) == 4  # what acme told, and best's second 48; the rest says it again
