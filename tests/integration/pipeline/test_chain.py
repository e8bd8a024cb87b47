"""The whole chain on the small demo: real files, real dbt, real Dagster, real generations."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.lib.baseline import run_baseline
from dagster_project.lib.demo import discard_demo, held_demo
from dagster_project.lib.intake import take_in
from expectations.runner import Which, suites
from ingestion.commands.log import open_command_log
from ingestion.commands.model import Command
from ingestion.contracts.vocabulary import CommandType, Role
from ingestion.generations import current, open_current
from ingestion.landing.quarantine import list_quarantine, show
from ingestion.warehouse import open_warehouse
from tests.dbt import run_dbt

TRUESTOCK = str(Path(sys.executable).with_name("truestock"))
PUBLISHED = {
    "fct_stock_movements", "fct_stock_entries", "fct_stock_balances", "fct_stock_balances_daily",
    "fct_availability", "fct_commitments", "fct_order_lines", "fct_orders", "fct_returns",
    "fct_receipts", "fct_stock_claims", "fct_allocations", "fct_exceptions", "fct_alerts",
    "fct_commands", "kpi_values", "kpi_definitions", "dim_products", "dim_locations",
    "dim_channels", "dim_suppliers", "meta_generation", "meta_sources", "meta_checks",
    "meta_batches", "meta_quarantine", "meta_stages",
}  # fmt: skip
BUILT = ("+fct_stock_movements", "+fct_availability", "+dim_allocation_rules", "+kpi_values")
STAGES = ["land and load", "judge landing", "dbt build", "judge built"]
DOUBLED = """
    delete from meta.judged where suite = 'landing_orders';
    insert into raw.orders from (from raw.orders limit 2)
"""


def ask(settings, sql, *parameters):
    _, connection = open_current(settings)
    with connection:
        return connection.execute(sql, parameters).fetchall()


def built(settings, sql, *parameters):
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql, parameters).fetchall()


def truestock(*words):
    return subprocess.run([TRUESTOCK, *words], capture_output=True, text=True, check=False)


def test_the_demo_publishes_every_relation_that_readers_count_on(demo_home):
    assert set(current(demo_home).manifest["relations"]) >= PUBLISHED


def test_the_demos_summary_tells_metrics_generation_quarantine_and_the_tower(demo_home):
    said = (demo_home.logs / "demo.out").read_text()
    for wanted in ("Generation 1 is published", "quarantined", "Unit fill rate", "truestock serve"):
        assert wanted in said


def test_every_record_ends_loaded_duplicate_or_quarantined(demo_home):
    rows = ask(
        demo_home,
        "select file_name, physical_count, loaded_count + duplicate_count + quarantined_count "
        "from meta_batches",
    )
    assert rows
    assert [row for row in rows if row[1] != row[2]] == []


def test_the_quarantine_list_counts_what_the_generation_counts(demo_home):
    (counted,) = ask(demo_home, "select sum(quarantined_count)::bigint from meta_batches")
    batches = list_quarantine(demo_home)
    assert sum(batch.quarantined_count for batch in batches) == counted[0]
    shown = [record for batch in batches for record in show(demo_home, batch.batch_id, None)]
    assert {record.found_at for record in shown} == {"landing", "staging"}
    assert len(shown) == counted[0]


def test_status_names_each_failed_check_with_what_to_do(demo_home):
    failed = ask(demo_home, "select check_name, detail from meta_checks where not passed")
    assert failed
    said = truestock("status", "--home", str(demo_home.root)).stdout
    for check_name, detail in failed:
        assert check_name in said
        assert detail in said


@pytest.mark.parametrize(
    ("wrong", "right"), [("orders", "fct_orders"), ("stock_balance", "fct_stock_balances")]
)
def test_an_unknown_relation_suggests_a_published_one(demo_home, wrong, right):
    answer = truestock("query", f"select * from {wrong}", "--home", str(demo_home.root))
    assert answer.returncode == 1
    said = " ".join(answer.stderr.split())
    assert f"holds no relation {wrong}. Did you mean {right}" in said
    assert "without SQL lists" in said


def test_the_books_balance_in_what_is_published(demo_home):
    assert ask(demo_home, "select sum(quantity) from fct_stock_entries") == [(0,)]


def test_a_run_tells_in_one_alert_what_it_brought_to_the_inbox(demo_home):
    ((count, amount),) = ask(
        demo_home,
        "select count(*), sum(at_risk_amount) from fct_exceptions where state = 'open'",
    )
    (title,) = ask(demo_home, "select title from fct_alerts")
    assert title == (f"{count:,} new exceptions, {amount:,.2f} at risk",)


def test_every_check_has_a_result_in_the_generation(demo_home):
    (row,) = ask(
        demo_home,
        "select count(distinct suite), count(*) filter (severity = 'blocking' and not passed) "
        "from meta_checks",
    )
    assert row == (sum(len(suites(which)) for which in Which), 0)


def test_the_generation_tells_its_stages(demo_home):
    rows = ask(demo_home, "select stage, row_count > 0 from meta_stages order by started_at")
    assert rows == [(stage, True) for stage in STAGES]


def test_a_script_by_hand_over_the_same_files_comes_to_the_same_answers(demo_copy):
    differing = run_baseline(demo_copy).differing
    assert differing == dict.fromkeys(("balances", "order lines", "daily metrics"), 0)


def test_the_allocation_macro_answers_in_a_generation(demo_home):
    assert any("allocate" in macro for macro in current(demo_home).manifest["macros"])


def test_query_answers_as_json(demo_home):
    answer = CliRunner().invoke(
        app,
        ["query", "select count(*) as movements from fct_stock_movements", "--format", "json",
         "--home", str(demo_home.root)],
    )  # fmt: skip
    (row,) = json.loads(answer.stdout)
    assert row["movements"] > 1000


def test_a_second_demo_in_the_same_home_must_be_asked_for(demo_home):
    answer = truestock("demo", "--scale", "medium", "--no-serve", "--home", str(demo_home.root))
    assert answer.returncode == 1
    assert "--fresh" in answer.stderr


def test_a_published_generation_cannot_be_written(demo_home):
    answer = truestock("query", "insert into dim_products select 1", "--home", str(demo_home.root))
    assert answer.returncode == 1
    assert "exactly one SELECT" in answer.stderr


def test_a_blocking_check_stops_publication_and_raises_an_alert(demo_copy):
    with open_warehouse(demo_copy) as connection:
        connection.execute(DOUBLED)
    answer = truestock("run", "--home", str(demo_copy.root))
    assert answer.returncode == 1
    assert "every_row_is_loaded_once" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert current(demo_copy).number == 1
    with open_warehouse(demo_copy) as connection:
        (alert,) = connection.execute(
            "select severity, title from meta.alerts where severity = 'blocking'"
        ).fetchall()
    assert alert == ("blocking", "Publication stopped: raw/orders fails every_row_is_loaded_once")
    lines = map(json.loads, (demo_copy.logs / "truestock.ndjson").read_text().splitlines())
    (line,) = [line for line in lines if line["level"] == "error"]
    assert "then run `truestock run`" in line["next_step"]
    status = json.loads(truestock("status", "--json", "--home", str(demo_copy.root)).stdout)
    assert [one["title"] for one in status["alerts"]] == [alert[1]]


def test_every_decision_holds_in_the_next_build(demo_copy):
    ((sku, location, channel),) = ask(
        demo_copy,
        "select sku, location_id, channel_id from fct_availability "
        "where channel_id != '*' and location_id != '*' "
        "order by atp_quantity desc, sku, location_id, channel_id limit 1",
    )
    found = {
        "occurred_at": "2026-02-28T12:00:00Z", "location_id": location, "sku": sku,
        "quantity": 30, "reason_code": "found",
    }  # fmt: skip
    rule = {"rule_id": "first", "expected_version": 0, "channel_priority": 1}
    rule |= {"valid_from": "2026-02-01T00:00:00Z"}
    retired = {"rule_id": "first", "expected_version": 1, "valid_to": "2026-02-20T00:00:00Z"}
    target = {"metric": "unit_fill_rate", "variant": "first_shipment", "target": 0.5}
    target |= {"warn_at": 0.4, "valid_from": "2026-02-01T00:00:00Z"}
    decisions = [
        (CommandType.RECORD_ADJUSTMENT, found, Role.OPERATOR),
        (CommandType.SET_SAFETY_STOCK, {"sku": sku, "quantity": 7}, Role.PLANNER),
        (CommandType.SET_CHANNEL_BUFFER, {"channel_id": channel, "sku": sku, "quantity": 3},
         Role.PLANNER),
        (CommandType.SET_ALLOCATION_RULE, rule, Role.PLANNER),
        (CommandType.RETIRE_ALLOCATION_RULE, retired, Role.PLANNER),
        (CommandType.SET_METRIC_TARGET, target, Role.PLANNER),
    ]  # fmt: skip
    log = open_command_log(demo_copy, lambda: datetime(2026, 3, 1, 1, tzinfo=UTC))
    for command_type, payload, role in decisions:
        command = Command(f"{command_type}-1", command_type, payload, "olga", role, "agreed")
        if log.submit(command).needs_approval:
            seen = {"command_id": command.command_id}
            approval = f"approve-{command_type}"
            log.submit(
                Command(approval, CommandType.APPROVE, seen, "sam", Role.SUPERVISOR, "seen it")
            )
    log.close()

    take_in(demo_copy, lambda: datetime(2026, 3, 1, 2, tzinfo=UTC))
    run_dbt(demo_copy, "run", "--select", *BUILT)

    assert built(
        demo_copy,
        "select quantity, from_state, to_state, actor from fct_stock_movements "
        "where command_id = 'record_adjustment-1'",
    ) == [(30, "found", "available", "olga")]
    assert built(
        demo_copy,
        "select buffer_quantity, buffer_command_id from fct_availability "
        "where sku = $1 and location_id = $2 and channel_id = $3",
        sku, location, channel,
    ) == [(3, "set_channel_buffer-1")]  # fmt: skip
    assert built(
        demo_copy,
        "select safety_stock_quantity from fct_availability "
        "where sku = $1 and location_id = '*' and channel_id = $2",
        sku, channel,
    ) == [(7,)]  # fmt: skip
    assert built(
        demo_copy,
        "select version, valid_to::date::varchar from dim_allocation_rules "
        "where rule_id = 'first' order by version",
    ) == [(1, "2026-02-20")]
    assert built(
        demo_copy,
        "select distinct period >= date '2026-02-01', target = 0.5 from kpi_values "
        "where metric = 'unit_fill_rate' and variant = 'first_shipment' and grain = 'day' "
        "order by all",
    ) == [(False, False), (True, True)]


def test_a_log_cut_short_after_publication_fails_the_audit(demo_copy):
    (demo_copy.root / "commands.sqlite").unlink(missing_ok=True)
    manifest = current(demo_copy).path / "manifest.json"
    told = json.loads(manifest.read_text()) | {"command_log_head": "3:" + "a" * 64}
    manifest.write_text(json.dumps(told))
    answer = truestock("audit", "verify", "--home", str(demo_copy.root))
    assert answer.returncode == 1
    assert "does not hold" in answer.stderr


def test_fresh_replaces_a_demo_and_nothing_else(demo_copy, tmp_path):
    own = shutil.copytree(demo_copy.root, tmp_path / "own")
    (own / "demo.json").unlink()
    discard_demo(type(demo_copy).model_validate({"home": own}))
    assert (own / "warehouse.duckdb").exists()
    assert held_demo(demo_copy) is not None
    discard_demo(demo_copy)
    assert not demo_copy.root.exists()
