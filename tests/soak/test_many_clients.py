"""Eight processes write 3,200 commands to one SQLite log (promise N6)."""

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role

PROCESSES, COMMANDS = 8, 400
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAYLOAD = {
    "occurred_at": "2026-03-02T11:00:00Z",
    "location_id": "FC-EAST",
    "sku": "TEE-1",
    "quantity": -1,
    "reason_code": "lost",
}

pytestmark = pytest.mark.soak


def open_log(url: str) -> CommandLog:
    return CommandLog(Store(url), read_policy(), lambda _: Known(Decimal(1)), lambda: NOW)


def submit_many(url: str, client: str) -> None:
    log, kind = open_log(url), CommandType.RECORD_ADJUSTMENT
    for number in range(COMMANDS):
        command_id = f"client-{client}-{number}"
        log.submit(Command(command_id, kind, PAYLOAD, f"c{client}", Role.OPERATOR, "fell off"))


def test_every_command_of_eight_processes_is_kept_in_one_valid_chain(tmp_path):
    url = f"sqlite:///{tmp_path / 'commands.sqlite'}"
    clients = [
        subprocess.Popen([sys.executable, __file__, url, str(client)])
        for client in range(PROCESSES)
    ]
    assert [client.wait(timeout=900) for client in clients] == [0] * PROCESSES
    log = open_log(url)
    expected = {f"client-{c}-{n}" for c in range(PROCESSES) for n in range(COMMANDS)}
    entries = log.entries()
    assert len(entries) == PROCESSES * COMMANDS
    assert {entry.command_id for entry in entries} == expected
    assert log.verify() is None
    log.close()


if __name__ == "__main__":
    submit_many(*sys.argv[1:])
