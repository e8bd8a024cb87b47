"""dbt's own unit tests, on a warehouse in which nothing has landed yet."""

import json
from pathlib import Path

from ingestion.landing.load import ensure_raw
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse
from tests.dbt import TARGET, run_dbt
from tests.integration.ledger.conftest import DERIVED


def test_an_empty_home_builds_and_every_unit_test_passes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_warehouse(settings) as connection:
        ensure_raw(connection)

    # a test of what a later build does reads the table that the first one made
    run_dbt(settings, *DERIVED)  # the data tests would judge no rows
    run_dbt(settings, "test", "--write-json", "--select", "test_type:unit")

    results = json.loads((TARGET / "run_results.json").read_text())["results"]
    units = [result for result in results if result["unique_id"].startswith("unit_test.")]
    assert len(units) > 90
    assert {result["status"] for result in units} == {"pass"}
