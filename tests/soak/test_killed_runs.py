"""A run killed at any moment loses nothing and leaves nothing half-published (promise N1)."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.generations import NoGenerationError, open_current
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate

KILLS = 20
LONGEST_RUN_SECONDS = 45
FACTS = {
    "fct_stock_entries": "* exclude (ingested_at)",
    "fct_order_lines": "* exclude (batch_id, row_number)",
    "meta_batches": "file_name, physical_count, loaded_count, duplicate_count, quarantined_count",
}

pytestmark = pytest.mark.soak


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [Path(sys.executable).with_name("truestock"), "run", "--home", settings.root],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _facts(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    _, connection = open_current(settings)
    return {
        relation: connection.execute(f"select {columns} from {relation} order by all").fetchall()
        for relation, columns in FACTS.items()
    }


def _home(folder: Path) -> Settings:
    settings = Settings(home=folder)
    end = datetime(2026, 9, 1, tzinfo=UTC)
    generate(settings.drop, scenario="dtc", scale="small", seed=3, end_at=end)
    return settings


def test_a_run_killed_at_any_moment_is_made_good_by_the_next(tmp_path: Path) -> None:
    clean, killed = _home(tmp_path / "clean"), _home(tmp_path / "killed")
    assert _start(clean).wait() == 0
    moments = random.Random(17)

    for _ in range(KILLS):
        run = _start(killed)
        time.sleep(moments.uniform(1, LONGEST_RUN_SECONDS))
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        try:
            generation, connection = open_current(killed)
        except NoGenerationError:
            continue
        assert connection.execute("select generation from meta_generation").fetchone() == (
            generation.number,
        )

    assert _start(killed).wait() == 0
    assert _facts(killed) == _facts(clean)
    assert list(killed.published.glob(".building-*")) == []
