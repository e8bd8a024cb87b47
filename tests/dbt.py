"""dbt as the tests run it, on one home's warehouse."""

import os
import subprocess
import sys
from pathlib import Path

from dagster_project.lib.dbt_build import PROJECT, environment
from ingestion.settings import Settings

TARGET = PROJECT / "target" / os.environ.get("PYTEST_XDIST_WORKER", "tests")


def run_dbt(settings: Settings, *words: str) -> str:
    """Run dbt in this home and return what it said; its results are in TARGET.

    The warehouse is named relative to the home: dbt parses the project anew whenever the path in
    its profile is another, and so all homes share one parse.
    """
    command = [
        str(Path(sys.executable).with_name("dbt")),
        *words,
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(TARGET), "--log-path", str(TARGET), "--log-level-file", "none"),
    ]
    relative = {"TRUESTOCK_WAREHOUSE": str(settings.warehouse.relative_to(settings.root))}
    finished = subprocess.run(
        command,
        cwd=settings.root,
        env=os.environ | environment(settings) | relative,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-1000:]
    return finished.stdout
