from datetime import UTC, datetime

import dagster as dg
import pytest

from dagster_project.definitions import defs
from dagster_project.lib import intake
from dagster_project.lib.home import Home, prepare_instance
from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role
from ingestion.settings import Settings

RULE = {
    "rule_id": "web-first",
    "expected_version": 0,
    "channel_id": "web",
    "sku": "*",
    "channel_priority": 1,
    "ring_fence_quantity": 0,
    "buffer_quantity": 0,
    "location_order": [],
    "valid_from": "2026-01-01T00:00:00",
}


@pytest.fixture
def settings(tmp_path):
    return Settings.model_validate({"home": tmp_path})


def ask(settings, sensor, cursor=None):
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(
            instance, cursor=cursor, resources={"home": Home(path=str(settings.root))}
        )
        return defs.resolve_sensor_def(sensor).evaluate_tick(context)


def test_a_dropped_file_asks_for_one_run(settings):
    (settings.drop / "native").mkdir(parents=True)
    (settings.drop / "native" / "orders.csv").write_text("order_id\n")
    first = ask(settings, "landing_sensor")
    assert len(first.run_requests) == 1
    assert ask(settings, "landing_sensor", first.cursor).run_requests == []


def test_an_empty_drop_folder_asks_for_nothing(settings):
    assert ask(settings, "landing_sensor").run_requests == []


@pytest.mark.parametrize("name", [".orders.csv", "orders.csv.part", "orders.tmp"])
def test_a_file_still_being_written_asks_for_nothing(settings, name):
    (settings.drop / "native").mkdir(parents=True)
    (settings.drop / "native" / name).write_text("order_id\n")
    assert ask(settings, "landing_sensor").run_requests == []


def test_a_file_that_vanishes_while_it_is_looked_at_does_not_stop_the_look(settings, monkeypatch):
    native = settings.drop / "native"
    native.mkdir(parents=True)
    (native / "orders.csv").write_text("order_id\n")
    monkeypatch.setattr(intake, "walk", lambda _: [native / "gone.csv", native / "orders.csv"])
    assert len(ask(settings, "landing_sensor").run_requests) == 1


def test_a_new_command_asks_for_a_run(settings):
    settings.root.mkdir(parents=True, exist_ok=True)
    assert ask(settings, "command_sensor").run_requests == []
    now = datetime(2026, 1, 1, tzinfo=UTC)
    log = CommandLog(Store(settings.command_log), read_policy(), lambda _: Known(), lambda: now)
    log.submit(
        Command(
            "command-1", CommandType.SET_ALLOCATION_RULE, RULE, "pia", Role.PLANNER, "peak season"
        )
    )
    log.close()
    assert len(ask(settings, "command_sensor").run_requests) == 1


def test_the_instance_has_one_writer_and_phones_nobody(settings):
    prepare_instance(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        concurrency = instance.get_concurrency_config()
        assert concurrency.pool_config.default_pool_limit == 1
        assert instance.run_monitoring_enabled
        assert not instance.telemetry_enabled
