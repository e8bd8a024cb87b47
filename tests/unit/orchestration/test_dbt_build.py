from dagster_project.lib.dbt_build import build_arguments, environment
from ingestion.settings import Settings


def test_a_build_runs_seeds_models_and_data_tests_but_no_unit_tests():
    arguments = build_arguments()
    assert arguments[0] == "build"
    assert arguments[arguments.index("--exclude-resource-type") + 1] == "unit_test"


def test_the_target_is_named_explicitly():
    arguments = build_arguments()
    assert arguments[arguments.index("--target") + 1] == "pipeline"


def test_a_full_refresh_is_asked_for_only_on_demand():
    assert "--full-refresh" not in build_arguments()
    assert build_arguments(full_refresh=True) == [*build_arguments(), "--full-refresh"]


def test_dbt_builds_the_homes_own_warehouse(tmp_path):
    settings = Settings.model_validate({"home": tmp_path, "memory_limit": "1GB"})
    variables = environment(settings)
    assert variables["TRUESTOCK_WAREHOUSE"] == str(tmp_path / "warehouse.duckdb")
    assert variables["TRUESTOCK_MEMORY_LIMIT"] == "1GB"
