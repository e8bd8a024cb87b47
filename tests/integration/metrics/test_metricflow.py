"""MetricFlow, asked about the demo's warehouse, answers what kpi_values publishes."""

import csv
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from dagster_project.lib.dbt_build import PROJECT, environment
from ingestion.generations import open_current

ASKED = {
    "day": [
        ("unit_fill_rate", "first_shipment"), ("perfect_order_rate", "complete"),
        ("on_time_in_full", "promised_line"), ("on_time_ship", "order"), ("pick_accuracy", "line"),
        ("stock_cancel_rate", "line"), ("labour_productivity", "pick_lines"),
        ("inventory_record_accuracy", "within_tolerance"), ("stockout_rate", "day"),
        ("oversell_rate", "line"), ("count_variance", "gross"), ("margin_leakage", "total"),
    ],
    "month": [
        ("supplier_on_time_in_full", "line"), ("supplier_reject_rate", "unit"),
        ("supplier_lead_time", "lead"), ("inventory_turns", "annualised"),
        ("value_delivered", "against_baseline"),
    ],
}  # fmt: skip
pytestmark = pytest.mark.skipif(
    find_spec("metricflow") is None,
    reason="MetricFlow is not installed; install the extra `metrics` to run this",
)


@pytest.fixture(scope="module")
def ask(demo_home, tmp_path_factory):
    """Asks MetricFlow for metrics by period; as an analyst would, from a project of one's own."""
    project = tmp_path_factory.mktemp("analyst") / "dbt"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    variables = os.environ | environment(demo_home) | {"DBT_PROFILES_DIR": str(project)}

    def run(program, *words):
        done = subprocess.run(
            [Path(sys.executable).with_name(program), *words], cwd=project, env=variables,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def answers(grain, metrics):
        answer = project / f"{grain}.csv"
        run("mf", "query", "--metrics", ",".join(metrics), "--decimals", "12",
            "--group-by", f"metric_time__{grain}", "--csv", answer)  # fmt: skip
        with answer.open() as file:
            return {
                (metric, row[f"metric_time__{grain}"][:10]): float(row[metric])
                for row in csv.DictReader(file)
                for metric in metrics
                if row[metric]
            }

    run("dbt", "parse")
    return answers


@pytest.mark.parametrize("grain", ["day", "month"])
def test_metricflow_answers_what_is_published(demo_home, ask, grain):
    _, connection = open_current(demo_home)
    with connection:
        rows = connection.execute(
            "select metric || '_' || variant, period::varchar, value from kpi_values "
            "where grain = $1 and list_contains($2, metric || '_' || variant)",
            [grain, ["_".join(one) for one in ASKED[grain]]],
        ).fetchall()
    published = {(metric, period): value for metric, period, value in rows}
    metrics = ["_".join(one) for one in ASKED[grain]]
    assert {metric for metric, _ in published} == set(metrics)
    assert ask(grain, metrics) == pytest.approx(published)
