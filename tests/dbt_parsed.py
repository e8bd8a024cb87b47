"""The project, read once in the process whose forks are all of a test worker's dbt commands."""

import faulthandler
import gc
import os
import shutil

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from dagster_project.lib.dbt_at_home import enter_home
from dagster_project.lib.dbt_build import (
    PROFILE,
    PROJECT,
    ensure_manifest,
    environment,
    parsing_environment,
)
from ingestion.settings import Settings
from tests.dbt import TARGET

OPTIONS = (
    *(*PROFILE, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
    *("--target-path", str(TARGET), "--log-path", str(TARGET), "--log-level-file", "none"),
)
PARTIAL = "partial_parse.msgpack"

TARGET.mkdir(parents=True, exist_ok=True)
# all workers wait for one parse
shutil.copy(ensure_manifest().with_name(PARTIAL), TARGET / PARTIAL)
os.environ.update(parsing_environment())
READ = dbtRunner().invoke(["--quiet", "parse", *OPTIONS])
if not isinstance(READ.result, Manifest):
    raise READ.exception or RuntimeError("dbt cannot parse its project.")
MANIFEST = READ.result
os.environ |= {"DBT_QUIET": "true", "DBT_WRITE_JSON": "false"}  # unless asked for
gc.disable()  # the forks are short-lived


def answer(settings: Settings, words: tuple[str, ...], said: str) -> None:
    """Run a dbt command in this home, write what it says to the file `said`, exit as dbt does."""
    for stream in (1, 2):
        os.dup2(os.open(said, os.O_WRONLY | os.O_APPEND), stream)
    faulthandler.enable()  # a crash says where
    os.environ.update(environment(settings))
    enter_home()
    done = dbtRunner(MANIFEST).invoke([*words, *OPTIONS])
    DuckDBConnectionManager.close_all_connections()
    if done.exception:
        raise done.exception
    raise SystemExit(0 if done.success else 1)
