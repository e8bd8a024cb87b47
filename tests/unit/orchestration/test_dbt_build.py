from dagster_project.lib import dbt_build
from dagster_project.lib.dbt_build import build_arguments, build_error, environment
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


def node(name, status="success", message=None):
    return {"unique_id": f"model.truestock.{name}", "status": status, "message": message}


def test_a_broken_build_names_its_nodes_once_a_cause_and_where_the_log_is(tmp_path):
    settings = Settings.model_validate({"home": tmp_path})
    cause = "\n  Not implemented Error: Unknown TimeZone 'Mars/Phobos'!\n"
    results = [
        node("fct_orders"),
        node("fct_counts", "error", f"Runtime Error in model fct_counts (a.sql){cause}"),
        node("kpi_rows", "error", f"Runtime Error in model kpi_rows (b.sql){cause}"),
        node("unique_sku", "fail", "Got 3 results, configured to fail if != 0"),
    ]
    said = str(build_error({"results": results}, settings))
    assert "could not build 3 of 4 nodes" in said
    assert "fct_counts, kpi_rows: Not implemented Error: Unknown TimeZone 'Mars/Phobos'!" in said
    assert "unique_sku: Got 3 results" in said
    assert str(tmp_path / "logs" / "dbt.log") in said


def test_a_build_that_broke_before_any_node_blames_none(tmp_path):
    assert build_error({}, Settings.model_validate({"home": tmp_path})) is None


def test_the_manifest_is_where_it_is_looked_for_whatever_a_sandboxes_shell_says(
    tmp_path, monkeypatch
):
    elsewhere, asked = tmp_path / "sandbox", []
    monkeypatch.setenv("DBT_TARGET_PATH", str(elsewhere))
    monkeypatch.setattr(dbt_build, "MANIFEST", tmp_path / "target" / "manifest.json")
    monkeypatch.setattr(dbt_build, "_run", lambda command, _: asked.extend(command))
    dbt_build.ensure_manifest()
    assert asked[asked.index("--target-path") + 1] == str(tmp_path / "target")
