import os
import weakref

import duckdb
import pytest

from dagster_project.lib.stages import PeakMemory, stage
from ingestion.settings import Settings
from ingestion.warehouse import AnotherRunError, WarehouseBusyError, exclusive, open_warehouse, turn


@pytest.fixture
def settings(tmp_path):
    return Settings.model_validate({"home": tmp_path})


def kept(settings):
    with open_warehouse(settings) as connection:
        return connection.execute("select run_id, stage, row_count from meta.stages").fetchall()


def test_a_finished_stage_is_kept_with_its_rows(settings):
    with stage(settings, "load", "run-1") as current:
        current.rows = 42
    assert kept(settings) == [("run-1", "load", 42)]


def test_a_stage_holds_the_warehouse_against_other_pipelines(settings):
    with (
        stage(settings, "load", "run-1"),
        pytest.raises(WarehouseBusyError, match="Wait for it"),
        exclusive(settings, patience_seconds=0),
    ):
        pass


def test_a_stage_that_breaks_gives_the_warehouse_back(settings):
    with pytest.raises(ValueError, match="broken"), stage(settings, "load", "run-1"):
        raise ValueError("broken")
    with exclusive(settings, patience_seconds=0):
        pass


def test_peak_memory_counts_what_was_held_meanwhile():
    with PeakMemory(interval_seconds=0.01) as memory:
        held = bytearray(64 * 2**20)
        while memory.peak_bytes < len(held):
            pass
    assert memory.peak_bytes > len(held)


def test_who_waits_says_at_once_for_whom(settings):
    said = []
    with (
        exclusive(settings),
        pytest.raises(AnotherRunError, match=f"process {os.getpid()}"),
        exclusive(settings, patience_seconds=0.5, say=said.append),
    ):
        pass
    assert len(said) == 1
    assert f"process {os.getpid()}" in said[0]
    assert "waiting" in said[0]


def test_a_run_has_its_turn_while_it_holds_the_warehouse_stage_by_stage(settings):
    with turn(settings), stage(settings, "load", "run-1"):
        pass
    with turn(settings), pytest.raises(AnotherRunError), turn(settings, patience_seconds=0):
        pass


def test_a_stage_that_breaks_keeps_no_connection_alive_by_its_error(settings):
    def broken():
        held = duckdb.connect()
        kept.append(weakref.ref(held))
        raise ValueError("broken")

    kept = []
    with pytest.raises(ValueError, match="broken") as error, stage(settings, "load", "run-1"):
        broken()
    assert error.value.__traceback__ is not None
    assert kept[0]() is None
