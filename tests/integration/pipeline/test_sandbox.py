"""An analyst's copy: plain dbt works on it, and on nothing else."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.lib.dbt_build import PROJECT
from ingestion.generations import open_current
from ingestion.warehouse import exclusive
from tests.conftest import home_settings
from tests.dbt import run_dbt

DBT = str(Path(sys.executable).with_name("dbt"))


@pytest.fixture
def sandbox(demo_home, tmp_path):
    def call(*words):
        words = ["sandbox", str(tmp_path / "mine"), *words, "--home", str(demo_home.root)]
        return CliRunner().invoke(app, words)

    return call


def dbt(environment, *words):
    return subprocess.run(
        [DBT, *words], cwd=PROJECT, env=os.environ | environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def fingerprint(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_plain_dbt_builds_and_tests_a_copy_while_production_writes(demo_home, sandbox):
    before = fingerprint(demo_home.warehouse)
    environment = json.loads(sandbox("--json").stdout)["environment"]
    with exclusive(demo_home, patience_seconds=0):
        built = dbt(environment, "build", "--select", "fct_stock_balances")
    assert built.returncode == 0, built.stdout[-3000:]
    assert fingerprint(demo_home.warehouse) == before


@pytest.mark.parametrize("selector", ["ledger", "availability", "reconciliation", "metrics"])
def test_each_area_can_be_selected_by_name(tmp_path, selector):
    asked = ("--quiet", "ls", "--resource-type", "model", "--selector", selector)
    assert len(run_dbt(home_settings(tmp_path), *asked).splitlines()) > 10


def test_a_copy_of_what_is_published_waits_for_no_writer(demo_home, sandbox):
    with exclusive(demo_home, patience_seconds=0):
        copy = json.loads(sandbox("--from-generation", "--json").stdout)["warehouse"]
    _, published = open_current(demo_home)
    asked = "select count(*), sum(quantity) from fct_stock_balances"
    with published, duckdb.connect(copy, read_only=True) as connection:
        assert connection.execute(asked).fetchone() == published.execute(asked).fetchone()


def test_a_copy_is_never_written_over(sandbox):
    assert sandbox().exit_code == 0
    again = sandbox()
    assert again.exit_code == 1
    assert "may hold somebody's work" in again.stderr
