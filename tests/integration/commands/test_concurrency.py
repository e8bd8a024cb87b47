import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role

PROCESSES = 4
COMMANDS = 50
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def open_log(url):
    return CommandLog(Store(url), read_policy(), lambda _: Known(Decimal(1)), lambda: NOW)


def make(command_id, actor):
    payload = {
        "occurred_at": "2026-03-02T11:00:00Z",
        "location_id": "FC-EAST",
        "sku": "TEE-1",
        "quantity": -1,
        "reason_code": "lost",
    }
    kind = CommandType.RECORD_ADJUSTMENT
    return Command(command_id, kind, payload, actor, Role.OPERATOR, "fell off")


def submit_many(url, client):
    log = open_log(url)
    for number in range(COMMANDS):
        log.submit(make(f"client-{client}-{number}", f"actor-{client}"))


def submit_same(url, _client):
    sys.stdout.write(open_log(url).submit(make("one-and-only", "ann")).hash)


def run_together(target, url, gate):
    """Runs `target` in PROCESSES processes that all wait at the gate first; returns their words."""
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, target.__name__, url, str(client), str(gate)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for client in range(PROCESSES)
    ]
    gate.touch()
    words = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES
    return words


def test_commands_of_many_processes_are_all_kept_in_one_valid_chain(database_url, tmp_path):
    run_together(submit_many, database_url, tmp_path / "gate")
    log = open_log(database_url)
    expected = {f"client-{c}-{n}" for c in range(PROCESSES) for n in range(COMMANDS)}
    assert {entry.command_id for entry in log.entries()} == expected
    assert log.verify() is None
    log.close()


def test_a_double_submit_in_parallel_is_one_entry_and_one_receipt(database_url, tmp_path):
    hashes = run_together(submit_same, database_url, tmp_path / "gate")
    log = open_log(database_url)
    assert hashes == [log.entries()[0].hash] * PROCESSES
    assert len(log.entries()) == 1
    log.close()


if __name__ == "__main__":
    name, url, client, gate = sys.argv[1:]
    while not Path(gate).exists():
        time.sleep(0.001)
    {"submit_many": submit_many, "submit_same": submit_same}[name](url, client)
