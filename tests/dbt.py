"""dbt as the tests run it, on one home's warehouse."""

import importlib
import multiprocessing
import os
import sys
import tempfile
from types import ModuleType

import pytest

from dagster_project.lib.dbt_build import PROJECT
from ingestion.settings import Settings

TARGET = PROJECT / "target" / os.environ.get("PYTEST_XDIST_WORKER", "tests")
FORKS = multiprocessing.get_context("forkserver")
# importing dbt and reading the project take longer than most of what is asked of it: done once
PARSED = "tests.dbt_parsed"
FORKS.set_forkserver_preload([PARSED])


def run_dbt(settings: Settings, *words: str) -> str:
    """Run dbt in this home, in a process of its own, and return what it said.

    Its results are in `TARGET` when asked for with --write-json.
    """
    with tempfile.NamedTemporaryFile("r", errors="replace") as said:
        process = FORKS.Process(target=_dbt, args=(settings, words, said.name))
        with pytest.MonkeyPatch.context() as patch:
            # a fork runs our main module anew, which after a page's test is that page
            patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
            process.start()
        process.join()
        told = said.read()
    assert process.exitcode == 0, f"dbt ended with {process.exitcode}\n{told[-4000:]}"
    return told


def _dbt(settings: Settings, words: tuple[str, ...], said: str) -> None:
    importlib.import_module(PARSED).answer(settings, words, said)  # a fork has it already
