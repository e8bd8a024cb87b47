"""How dbt is called: where the project is, with which arguments, in which environment."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ingestion.settings import Settings

PROJECT = Path(__file__).parents[2] / "dbt"
DBT = str(Path(sys.executable).with_name("truestock-dbt"))
"""What runs dbt: see `dagster_project.lib.dbt_at_home`."""
PROFILE = ("--target", "pipeline")
"""Whoever names another parses the project anew."""
DBT_LOG = "dbt.log"
MANIFEST = PROJECT / "target" / "manifest.json"
SHOWN_NODES = 5
BROKEN = {"error", "fail"}


class DbtError(RuntimeError):
    """dbt could not read its own project, or could not build it."""


def build_arguments(*, full_refresh: bool = False) -> list[str]:
    """Return dbt's arguments for a production build: seeds, models and data tests.

    Unit tests judge the code, not the data; `make test` runs them. dbt's own debug log costs a
    quarter of a small build and says nothing its output does not.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test", *PROFILE]
    arguments += ["--log-level-file", "none"]
    return [*arguments, "--full-refresh"] if full_refresh else arguments


def environment(settings: Settings) -> dict[str, str]:
    """Return what dbt's profile reads, on top of the process's own environment."""
    return {
        "TRUESTOCK_WAREHOUSE": str(settings.warehouse),
        "TRUESTOCK_MEMORY_LIMIT": settings.memory_limit,
        "DBT_LOG_PATH": str(settings.logs),
        "DO_NOT_TRACK": "1",
    }


def parsing_environment() -> dict[str, str]:
    """Return what dbt's profile reads in any home, for which none needs to be there."""
    settings = Settings()
    return environment(settings) | {"TRUESTOCK_WAREHOUSE": settings.warehouse.name}


def build_error(results: Mapping[str, Any], settings: Settings) -> DbtError | None:
    """Return what a build broke on, by dbt's run_results.json; None when no node is to blame.

    Nodes that broke on the same thing are named together.
    """
    broken = [node for node in results.get("results", []) if node["status"] in BROKEN]
    if not broken:
        return None
    blamed: dict[str, list[str]] = {}
    for node in broken:
        blamed.setdefault(_cause(node["message"]), []).append(node["unique_id"].split(".")[2])
    told = "\n".join(f"{_some(nodes)}: {cause}" for cause, nodes in blamed.items())
    return DbtError(
        f"dbt could not build {len(broken)} of {len(results['results'])} nodes.\n{told}\n"
        f"The rest of what dbt said is in {settings.logs / DBT_LOG}."
    )


def _cause(message: str | None) -> str:
    """Return dbt's message without its first line, which only repeats the node's name."""
    first, _, rest = (message or "no message").partition("\n")
    return " ".join((rest or first).split())


def _some(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN_NODES
    return ", ".join(names[:SHOWN_NODES]) + (f" and {rest} more" if rest > 0 else "")


def ensure_manifest() -> Path:
    """Return dbt's manifest, parsed anew when the project has changed since; no warehouse needed.

    It is parsed as every home's runs will read it, so that none of them parses anew.

    Raises DbtError with dbt's own words when the project does not parse.
    """
    MANIFEST.parent.mkdir(exist_ok=True)
    with (MANIFEST.parent / ".parsing").open("w") as lock:
        # of two processes that start at once, the second finds what the first has written
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not MANIFEST.exists() or MANIFEST.stat().st_mtime < _newest_change(PROJECT):
            command = [
                *(DBT, "parse", *PROFILE),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                # named, for a shell that works in a sandbox has set others
                *("--target-path", str(MANIFEST.parent), "--log-path", str(MANIFEST.parent)),
            ]
            _run(command, os.environ | parsing_environment())
            MANIFEST.touch()
    return MANIFEST


def _newest_change(project: Path) -> float:
    folders = ("models", "macros", "seeds", "tests")
    files = [file for folder in folders for file in (project / folder).rglob("*")]
    return max(file.stat().st_mtime for file in [*files, project / "dbt_project.yml"])


def _run(command: Sequence[str], variables: Mapping[str, str]) -> None:
    finished = subprocess.run(  # noqa: S603 - the command is our own
        command, capture_output=True, text=True, check=False, env=variables
    )
    if finished.returncode:
        raise DbtError(
            f"dbt cannot parse {PROJECT}:\n{finished.stdout[-2000:]}\n"
            "Mend the file it names, then try again."
        )
