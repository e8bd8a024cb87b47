"""A run killed while it is at a named stage is made good by the next one (promise N1)."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.generations import NoGenerationError, open_current
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate

TRUESTOCK = str(Path(sys.executable).with_name("truestock"))
STAGES = ("land and load", "judge landing", "dbt build", "judge built", "publish")
DELAYS = (0.0, 0.15, 0.4, 1.0)
FACTS = (
    "select * exclude (ingested_at) from fct_stock_entries order by all",
    """
    select file_name, physical_count, loaded_count, duplicate_count, quarantined_count
    from meta_batches order by all
    """,
)

pytestmark = pytest.mark.soak


def home_with_files(folder: Path) -> Settings:
    settings = Settings.model_validate({"home": folder})
    generate(settings.drop, scenario="dtc", scale="small", seed=5,
             end_at=datetime(2026, 9, 1, tzinfo=UTC))  # fmt: skip
    return settings


def start(settings: Settings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [TRUESTOCK, "run", "--home", settings.root],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_at(settings: Settings, stage: str, delay: float) -> None:
    run = start(settings)
    for line in run.stderr or ():
        if line.strip() == f"{stage} …":
            break
    else:
        pytest.fail(f"the run never came to {stage!r}")
    time.sleep(delay)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


def facts(settings: Settings) -> list:
    _, connection = open_current(settings)
    with connection:
        return [connection.execute(query).fetchall() for query in FACTS]


def assert_current_opens(settings: Settings) -> None:
    try:
        generation, connection = open_current(settings)
    except NoGenerationError:
        return
    with connection:
        told = connection.execute("select generation from meta_generation").fetchone()
        balance = connection.execute("select sum(quantity) from fct_stock_entries").fetchone()
    assert (told, balance) == ((generation.number,), (0,))


def test_a_run_killed_at_each_stage_is_made_good_by_the_next(tmp_path):
    clean, killed = home_with_files(tmp_path / "clean"), home_with_files(tmp_path / "killed")
    run = start(clean)
    said = run.communicate()[1]
    assert run.returncode == 0, said
    for stage in STAGES:
        for delay in DELAYS:
            kill_at(killed, stage, delay)
            assert_current_opens(killed)
    run = start(killed)
    said = run.communicate()[1]
    assert run.returncode == 0, said
    assert facts(killed) == facts(clean)
    assert [row for row in facts(killed)[1] if row[1] != sum(row[2:])] == []
    assert list(killed.published.glob(".building-*")) == []
    assert list(killed.batches.glob(".landing-*")) == []
