"""Landing and loading killed at any moment lose nothing and double nothing (promise N1)."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagster_project.lib.intake import take_in
from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

FILES, ROWS = 5, 1000
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADER = "event_type,occurred_at,order_id,line_id,sku,quantity\n"
FACTS = {
    "rows": "select * exclude (batch_id, row_number, ingested_at) from raw.fulfilment_events",
    "commands": "select * exclude (ingested_at) from raw.commands",
    "refused": "select file_name, row_number, rule, record from raw.quarantine",
    "batches": "select batch_id, physical_count, quarantined_count from raw.batches",
    "totals": "select sum(loaded_count), sum(duplicate_count) from raw.batches",
    "untied": "select file_name from raw.batches "
    "where physical_count != loaded_count + duplicate_count + quarantined_count",
}


def home_with_files(folder: Path) -> Settings:
    """Overlapping files with a bad row each, and three commands."""
    settings = Settings.model_validate({"home": folder, "memory_limit": "1GB"})
    inbox = settings.drop / "native"
    inbox.mkdir(parents=True)
    for file in range(FILES):
        rows = [
            f"shipped,2025-01-{1 + row % 28:02}T10:00:00Z,{row},1,A,{1 + row % 3}\n"
            for row in range(file * ROWS // 2, file * ROWS // 2 + ROWS)
        ]
        text = HEADER + "".join(rows) + f"shipped,2025-02-30T10:00:00Z,x{file},1,A,1\n"
        (inbox / f"fulfilment_events-{file}.csv").write_text(text)
    store = Store(settings.command_log)
    log = CommandLog(store, read_policy(), lambda _: Known(), lambda: NOW)
    for number in range(3):
        payload = {"occurred_at": "2026-03-02T11:00:00Z", "location_id": "FC", "sku": "A",
                   "quantity": -1, "reason_code": "lost"}  # fmt: skip
        kind = CommandType.RECORD_ADJUSTMENT
        log.submit(Command(f"command-{number}", kind, payload, "ann", Role.OPERATOR, "fell off"))
    log.close()
    return settings


def facts(settings: Settings) -> dict[str, list]:
    with open_warehouse(settings) as connection:
        return {
            name: connection.execute(f"from ({query}) order by all").fetchall()
            for name, query in FACTS.items()
        }


def test_an_unfinished_copy_of_a_dead_process_leaves_the_archive_with_the_next_intake(tmp_path):
    settings = home_with_files(tmp_path)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    settings.archive.mkdir()
    (settings.archive / f".landing-{dead.pid}-0123abcd").write_text("half")
    mine = settings.archive / f".landing-{os.getpid()}-0123abcd"
    mine.write_text("still being written")
    take_in(settings, lambda: NOW)
    assert list(settings.archive.glob(".*")) == [mine]


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.soak)])
def test_an_intake_killed_at_any_moment_is_made_good_by_the_next(kills, tmp_path, victim):
    clean = home_with_files(tmp_path / "clean")
    whole = victim(__file__, clean.root).finish()
    expected = facts(clean)
    assert expected["untied"] == []
    assert sum(physical for _, physical, _ in expected["batches"]) == FILES * (ROWS + 1) + 3
    for kill in range(kills):
        killed = home_with_files(tmp_path / f"killed-{kill}")
        victim(__file__, killed.root).kill_after(whole * (kill + 0.5) / kills)
        take_in(killed, lambda: NOW)
        assert facts(killed) == expected
        assert list(killed.batches.glob(".landing-*")) == []
        assert list(killed.archive.glob(".*")) == []


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    take_in(Settings.model_validate({"home": sys.argv[1], "memory_limit": "1GB"}), lambda: NOW)
