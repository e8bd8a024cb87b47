import csv
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from ingestion.contracts import vocabulary as words
from ingestion.contracts.feeds import FEEDS, LARGEST_QUANTITY, LINEAGE, Feed
from ingestion.settings import Settings
from tests.dbt import TARGET, run_dbt

ROOT = Path(__file__).parents[2]
DBT = ROOT / "dbt"
LAYERS = (
    "staging", "ledger", "commitments", "availability", "allocation", "reconciliation", "marts",
    "control", "semantic",
)  # fmt: skip


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict:
    run_dbt(Settings(home=tmp_path_factory.mktemp("dbt")), "parse")
    return json.loads((TARGET / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def _layer(node: dict) -> str:
    return node["fqn"][1]


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_models_read_their_own_layer_or_one_below(manifest: dict, models: list[dict]) -> None:
    upward = [
        (node["name"], parent)
        for node in models
        for parent in node["depends_on"]["nodes"]
        if parent.startswith("model.")
        and LAYERS.index(_layer(manifest["nodes"][parent])) > LAYERS.index(_layer(node))
    ]

    assert upward == []


def test_only_sql_yaml_and_seeds_live_under_dbt() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "dbt"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()

    assert tracked
    assert {Path(name).suffix for name in tracked} <= {".sql", ".yml", ".csv"}


def test_every_model_has_a_grain(models: list[dict]) -> None:
    without = [
        node["name"]
        for node in models
        if not node["description"].startswith(("One row", "One row:"))
    ]

    assert without == []


def test_every_model_from_the_ledger_up_has_an_enforced_contract(models: list[dict]) -> None:
    without = [
        node["name"]
        for node in models
        if _layer(node) != "staging" and not node["config"]["contract"]["enforced"]
    ]

    assert without == []


def test_every_contracted_column_is_described(models: list[dict]) -> None:
    without = [
        (node["name"], column["name"])
        for node in models
        if node["config"]["contract"]["enforced"]
        for column in node["columns"].values()
        if not column["description"] or not column["data_type"]
    ]

    assert without == []


def test_quantities_and_money_are_never_floats(models: list[dict]) -> None:
    floats = [
        (node["name"], column["name"])
        for node in models
        for column in node["columns"].values()
        if column["data_type"] in ("double", "float")
        and column["name"].endswith(("quantity", "amount", "count", "numerator", "denominator"))
    ]

    assert floats == []


def test_every_published_relation_has_a_unit_test(manifest: dict, models: list[dict]) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    published = {node["name"] for node in models if node["schema"] == "main"}

    assert sorted(published - tested) == []


def test_sources_describe_exactly_the_contracts_columns(manifest: dict) -> None:
    described = {
        source["name"]: set(source["columns"])
        for source in manifest["sources"].values()
        if source["name"] in FEEDS
    }

    assert described == {
        name: {column.name for column in feed.columns + LINEAGE} for name, feed in FEEDS.items()
    }


@pytest.mark.parametrize(
    ("seed", "column", "vocabulary"),
    [
        ("stock_states", "state", words.State),
        ("stock_transitions", "movement_type", words.MovementType),
        ("stock_transitions", "from_state", words.State),
        ("stock_transitions", "to_state", words.State),
        ("quantity_kinds", "quantity_kind", words.QuantityKind),
    ],
)
def test_seeds_speak_the_vocabulary(seed: str, column: str, vocabulary: type) -> None:
    spoken = {row[column] for row in _seed(seed)}

    assert spoken <= set(vocabulary)
    if column in ("state", "movement_type", "quantity_kind"):
        assert spoken == set(vocabulary)


def test_every_legal_transition_has_a_unit_test() -> None:
    expected = {
        (row["movement_type"], row["from_state"], row["to_state"])
        for path in (DBT / "models" / "ledger").glob("int_ledger__movements_*.unit.yml")
        for test in yaml.safe_load(path.read_text())["unit_tests"]
        for row in test["expect"]["rows"]
    }
    legal = {
        (row["movement_type"], row["from_state"], row["to_state"])
        for row in _seed("stock_transitions")
    }

    assert legal - expected == set()


def test_every_metric_in_the_values_is_defined_once() -> None:
    keys = [(row["metric"], row["variant"]) for row in _seed("kpi_definitions")]

    assert len(keys) == len(set(keys))
    assert {row["metric"] for row in _seed("kpi_definitions") if row["is_headline"] == "true"} >= {
        "unit_fill_rate",
        "line_fill_rate",
        "on_time_ship",
        "order_cycle_time",
        "pick_accuracy",
        "inventory_record_accuracy",
        "return_to_stock_lag",
        "stock_quantity",
        "negative_stock_events",
    }


def test_every_metric_has_its_rows_and_every_rows_relation_its_metric(models: list[dict]) -> None:
    defined = {row["metric"] for row in _seed("kpi_definitions")}
    found = {match[1] for node in models if (match := re.fullmatch(r"kpi_(.+)_rows", node["name"]))}

    assert found == defined


def test_every_metric_that_sums_its_rows_is_in_the_semantic_layer(manifest: dict) -> None:
    asked = {metric["name"] for metric in manifest["metrics"].values()}
    summed = {
        f"{row['metric']}_{row['variant']}"
        for row in _seed("kpi_definitions")
        if row["aggregation"] in ("ratio", "mean", "sum")
    }

    assert (
        asked - {f"{name}_{part}" for name in summed for part in ("numerator", "denominator")}
        == summed
    )


def test_what_is_published_as_a_view_reads_published_relations_alone(
    manifest: dict, models: list[dict]
) -> None:
    unpublished = [
        (node["name"], parent)
        for node in models
        if node["schema"] == "main" and node["config"]["materialized"] == "view"
        for parent in node["depends_on"]["nodes"]
        if manifest["nodes"][parent]["schema"] != "main"
    ]

    assert unpublished == []


def test_every_relation_a_view_of_the_tower_reads_is_in_an_exposure(manifest: dict) -> None:
    published = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["schema"] == "main"
    }
    exposed = {
        parent.rsplit(".", 1)[-1]
        for exposure in manifest["exposures"].values()
        for parent in exposure["depends_on"]["nodes"]
    }
    read = {
        name
        for path in (ROOT / "app" / "queries").glob("*.py")
        for name in re.findall(r"\b(?:fct|dim|kpi|meta|recon)_[a-z_]+", path.read_text())
    }

    assert (read & published) - exposed == set()


def test_every_model_and_exposure_has_an_owner(manifest: dict, models: list[dict]) -> None:
    owned = {group["name"] for group in manifest["groups"].values() if group["owner"]["email"]}
    exposures = manifest["exposures"].values()

    assert {node["name"] for node in models if node["config"]["group"] not in owned} == set()
    assert {each["name"] for each in exposures if not each["owner"]["email"]} == set()


def test_every_type_of_exception_has_a_policy_and_every_policy_its_type(models: list[dict]) -> None:
    emitted = {
        kind
        for node in models
        if node["name"].startswith("int_control__problems_of_")
        for kind in _exception_types(DBT / node["original_file_path"])
    }

    assert {row["exception_type"] for row in _seed("exception_policies")} == emitted


def _exception_types(model: Path) -> set[str]:
    """What a model says it emits; every literal in its SQL must be among it."""
    (described,) = yaml.safe_load(model.with_suffix(".yml").read_text())["models"]
    (column,) = [each for each in described["columns"] if each["name"] == "exception_type"]
    (test,) = [each for each in column["data_tests"] if "accepted_values" in each]
    declared = set(test["accepted_values"]["arguments"]["values"])
    spoken = set(re.findall(r"'(\w+)' as exception_type", model.read_text()))
    assert spoken <= declared, model.name
    return declared


def test_an_exception_stands_where_the_vocabulary_says(models: list[dict]) -> None:
    (path,) = (
        DBT / node["original_file_path"] for node in models if node["name"] == "fct_exceptions"
    )
    (described,) = yaml.safe_load(path.with_suffix(".yml").read_text())["models"]
    allowed = {
        column["name"]: set(test["accepted_values"]["arguments"]["values"])
        for column in described["columns"]
        for test in column.get("data_tests", ())
        if "accepted_values" in test
    }

    assert allowed["state"] == set(words.ExceptionState)
    assert allowed["state_reason"] > set(words.Resolution)


def test_the_building_has_the_same_states_on_both_sides() -> None:
    inside = {row["state"] for row in _seed("stock_states") if row["is_on_hand"] == "true"}
    assert inside == set(words.ON_HAND)


def test_every_owner_of_an_exception_is_a_role() -> None:
    assert {row["owner_role"] for row in _seed("exception_policies")} <= set(words.Role)


def test_a_converted_quantity_is_bounded_as_at_landing() -> None:
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text())
    assert project["vars"]["largest_quantity"] == LARGEST_QUANTITY


@pytest.mark.parametrize("feed", [feed for feed in FEEDS.values() if feed.is_event])
def test_an_event_is_told_from_another_as_at_landing(feed: Feed) -> None:
    model = (DBT / "models" / "staging" / f"base_landing__{feed.name}.sql").read_text()
    (line,) = re.findall(r"line=\[(.*?)\]", model) or [""]

    assert tuple(re.findall(r"\w+", line)) == feed.line
