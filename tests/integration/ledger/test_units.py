"""dbt's own unit tests, on a warehouse in which nothing has landed yet."""

import json
import os
import subprocess
import sys
from pathlib import Path

from dagster_project.lib.dbt_build import PROJECT, environment
from ingestion.landing.load import ensure_raw
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse


def test_an_empty_home_builds_and_every_unit_test_passes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_warehouse(settings) as connection:
        ensure_raw(connection)

    finished = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            "build",
            *("--project-dir", PROJECT, "--profiles-dir", PROJECT),
            *("--target-path", tmp_path / "target", "--log-path", tmp_path / "target"),
        ],
        env=os.environ | environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout[-3000:]
    results = json.loads((tmp_path / "target" / "run_results.json").read_text())["results"]
    units = [result for result in results if result["unique_id"].startswith("unit_test.")]
    assert len(units) > 90
    assert {result["status"] for result in units} == {"pass"}
