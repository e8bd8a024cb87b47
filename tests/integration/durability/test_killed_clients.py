"""What the command log has acknowledged is there, whenever its clients are killed (promise N1)."""

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

CLIENTS = 2
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAYLOAD = {
    "occurred_at": "2026-03-02T11:00:00Z",
    "location_id": "FC-EAST",
    "sku": "TEE-1",
    "quantity": -1,
    "reason_code": "lost",
}


def open_log(url: str) -> CommandLog:
    return CommandLog(Store(url), read_policy(), lambda _: Known(Decimal(1)), lambda: NOW)


def submit_for_ever(url: str, client: str) -> None:
    """Say each command's id once its receipt is there, and only then."""
    log, number = open_log(url), 0
    sys.stdout.write("ready\n")
    while True:
        kind = CommandType.RECORD_ADJUSTMENT
        command_id = f"client-{client}-{number}"
        log.submit(Command(command_id, kind, PAYLOAD, f"c{client}", Role.OPERATOR, "fell off"))
        sys.stdout.write(f"{command_id}\n")
        sys.stdout.flush()
        number += 1


@pytest.mark.parametrize("kills", [2, pytest.param(100, marks=pytest.mark.soak)])
def test_acknowledged_commands_survive_the_death_of_their_clients(kills, tmp_path, victim):
    url = f"sqlite:///{tmp_path / 'commands.sqlite'}"
    log, acknowledged = open_log(url), set()
    for kill in range(kills):
        clients = [victim(__file__, url, f"{kill}-{client}") for client in range(CLIENTS)]
        for client in clients:
            acknowledged.update(client.kill_after(0.3 + 0.37 * kill % 0.5))
    kept = {entry.command_id for entry in log.entries()}
    assert len(acknowledged) > kills
    assert acknowledged - kept == set()
    assert len(kept - acknowledged) <= kills * CLIENTS
    assert log.verify() is None
    log.close()


if __name__ == "__main__":
    submit_for_ever(*sys.argv[1:])
