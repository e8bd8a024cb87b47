import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role

POSTGRES = Path("/usr/lib/postgresql/15/bin")
COSTS = {"TEE-1": Decimal("4.00"), "MUG-1": Decimal("0.01"), "SOFA-1": Decimal("99.99")}


def known(payload):
    """Knows every code, and the cost of some."""
    return Known(COSTS.get(getattr(payload, "sku", "")))


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 12, tzinfo=UTC))

    def __call__(self):
        return self.now

    def advance(self, **duration):
        self.now += timedelta(**duration)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_log(clock):
    """Opens a command log at a database URL, with known unit costs, and closes it at the end."""
    opened = []

    def open_(url, at=clock):
        log = CommandLog(Store(url), read_policy(), known, at)
        opened.append(log)
        return log

    yield open_
    for log in opened:
        log.close()


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL 15 of its own on loopback; its data goes with the test run.

    Its folder is not pytest's: every start of pytest shuts that one to other users, and PostgreSQL
    refuses to run as root.
    """
    if not (POSTGRES / "initdb").exists() or not shutil.which("runuser"):
        pytest.skip("PostgreSQL 15 is not installed: apt-get install postgresql-15")
    with tempfile.TemporaryDirectory(prefix="truestock-postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data, port = Path(folder) / "data", free_port()
        as_postgres("initdb", "-D", data, "-U", "truestock", "-A", "trust", "-E", "UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        as_postgres("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        yield f"postgresql://truestock@127.0.0.1:{port}"
        as_postgres("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_postgres(program, *words):
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*user, POSTGRES / program, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'commands.sqlite'}"
    psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    server = request.getfixturevalue("postgres_server")
    name = f"log_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return f"{server}/{name}"


@pytest.fixture
def log(open_log, database_url):
    return open_log(database_url)


@pytest.fixture
def adjustment(clock):
    """Makes a record_adjustment command; every field can be overridden."""

    def make(*, actor="ann", role=Role.OPERATOR, command_id=None, reason="fell off", **payload):
        content = {
            "occurred_at": (clock.now - timedelta(hours=1)).isoformat(),
            "location_id": "FC-EAST",
            "sku": "TEE-1",
            "quantity": -3,
            "reason_code": "lost",
        }
        return Command(
            command_id or uuid.uuid4().hex,
            CommandType.RECORD_ADJUSTMENT,
            content | payload,
            actor,
            role,
            reason,
        )

    return make


@pytest.fixture
def decision():
    """Makes an approve or reject command for a receipt or a command."""

    def make(command_type, target, *, actor="bob", role=Role.SUPERVISOR):
        payload = {"command_id": target.command_id}
        return Command(uuid.uuid4().hex, command_type, payload, actor, role, "looked at it")

    return make


@pytest.fixture
def rule_command():
    """Makes a set_allocation_rule command."""

    def make(
        rule_id="shop-first", *, expected_version=0, actor="pia", role=Role.PLANNER, **payload
    ):
        content = {
            "rule_id": rule_id,
            "expected_version": expected_version,
            "channel_priority": 1,
            "valid_from": "2026-03-01T00:00:00Z",
        }
        return Command(
            uuid.uuid4().hex,
            CommandType.SET_ALLOCATION_RULE,
            content | payload,
            actor,
            role,
            "season start",
        )

    return make


@pytest.fixture
def planning():
    """Makes a planner's command of any type."""

    def make(command_type, *, actor="pia", role=Role.PLANNER, **payload):
        return Command(uuid.uuid4().hex, command_type, payload, actor, role, "season start")

    return make
