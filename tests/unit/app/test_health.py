import json
from datetime import UTC, datetime, timedelta

import pytest

from app.queries import alerts, exceptions, health

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
NAIVE_NOW = NOW.replace(tzinfo=None)


def source(minutes_ago, cadence=60, **columns):
    last = None if minutes_ago is None else NAIVE_NOW - timedelta(minutes=minutes_ago)
    known = {"source_system": "wms", "cadence_minutes": cadence, "last_ingested_at": last}
    return known | columns


@pytest.mark.parametrize(
    ("row", "freshness"),
    [
        (source(60), "fresh"),
        (source(61), "late"),
        (source(120), "late"),
        (source(121), "stale"),
        (source(None), "waiting for its first file"),
        (source(10**6, cadence=None), "no cadence set"),
    ],
)
def test_a_source_is_late_after_one_cadence_and_stale_after_two(publish_rows, row, freshness):
    reader = publish_rows(meta_sources=[row])
    assert health.sources(reader, NOW)["freshness"].to_list() == [freshness]


def test_the_sources_that_need_a_look_come_first(publish_rows):
    rows = [source(1, source_system="a"), source(500, source_system="z")]
    found = health.sources(publish_rows(meta_sources=rows), NOW)
    assert found["source_system"].to_list() == ["z", "a"]


def batch(batch_id, physical, loaded, duplicate, quarantined):
    return {
        "batch_id": batch_id,
        "source_system": "wms",
        "file_name": f"{batch_id}.csv",
        "physical_count": physical,
        "loaded_count": loaded,
        "duplicate_count": duplicate,
        "quarantined_count": quarantined,
        "registered_at": NAIVE_NOW,
    }


def test_a_file_whose_counts_do_not_tie_is_told(publish_rows):
    reader = publish_rows(meta_batches=[batch("a", 10, 7, 2, 1), batch("b", 10, 7, 2, 0)])
    assert dict(health.batches(reader, 10).select("file_name", "ties").iter_rows()) == {
        "a.csv": True,
        "b.csv": False,
    }
    totals = health.totals(reader)
    assert (totals["physical_count"], totals["untied_count"]) == (20, 1)


def test_totals_of_an_empty_home_are_zero(publish_rows):
    assert set(health.totals(publish_rows()).values()) == {0}


def held(rule, record):
    return {"batch_id": "a", "rule": rule, "reason": f"because {rule}", "record": record}


def test_quarantined_rows_are_listed_by_rule_with_their_original_text(publish_rows):
    rows = [held("not_whole", "a,1.5"), held("not_whole", "b,2.5"), held("unknown_sku", "c,1")]
    reader = publish_rows(meta_quarantine=rows)
    rules = health.quarantine_rules(reader).select("rule", "row_count").rows()
    assert rules == [("not_whole", 2), ("unknown_sku", 1)]
    assert health.quarantine(reader, "unknown_sku", 10)["record"].to_list() == ["c,1"]
    assert health.quarantine(reader, None, 10).height == 3


def check(name, *, passed, suite="ledger"):
    return {
        "suite": suite,
        "check_name": name,
        "asset": "fct_stock_entries",
        "severity": "blocking",
        "passed": passed,
        "observed": "",
        "detail": "",
        "checked_at": NAIVE_NOW,
    }


def test_failed_checks_come_first_and_are_counted_by_suite(publish_rows):
    reader = publish_rows(
        meta_checks=[
            check("a", passed=True),
            check("b", passed=False),
            check("c", passed=True, suite="kpi"),
        ]
    )
    assert health.checks(reader)["check_name"].to_list() == ["b", "c", "a"]
    assert health.suites(reader).rows() == [("ledger", 2, 1, 1), ("kpi", 1, 1, 0)]


def test_the_stages_are_those_of_the_run_that_made_the_generation(publish_rows):
    def stage(name, run_id, minute):
        at = NAIVE_NOW + timedelta(minutes=minute)
        timing = {"row_count": 5, "seconds": 2.0, "started_at": at}
        return {"run_id": run_id, "stage": name} | timing

    reader = publish_rows(
        run_id="run-2",
        meta_stages=[
            stage("load", "run-2", 6),
            stage("land", "run-2", 5),
            stage("land", "run-1", 0),
        ],
    )
    assert health.stages(reader)["stage"].to_list() == ["land", "load"]
    assert health.runs(reader, 5).select("run_id", "stage_count", "seconds").rows() == [
        ("run-2", 2, 4.0),
        ("run-1", 1, 2.0),
    ]


def alert(title, at):
    return {
        "alert_id": title,
        "severity": "blocking",
        "title": title,
        "detail": "d",
        "next_step": "n",
        "raised_at": at.isoformat(),
    }


def test_an_alert_raised_after_the_generation_is_not_hidden_by_it(settings):
    settings.root.mkdir(parents=True)
    before, after = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    lines = [json.dumps(alert("old", before)), json.dumps(alert("new", after)), '{"half a li']
    settings.alert_log.write_text("\n".join(lines))
    assert alerts.raised_since(settings.alert_log, NOW)["title"].to_list() == ["new"]


def test_a_home_without_alerts_has_none(settings):
    assert alerts.raised_since(settings.alert_log, NOW).is_empty()


def test_exceptions_with_the_most_money_at_stake_come_first(publish_rows):
    def exception(number, amount, kind="short_receipt"):
        return {
            "exception_id": f"e{number}",
            "exception_type": kind,
            "severity": "warning",
            "subject": f"s{number}",
            "quantity": 1,
            "state": "open",
            "priority": amount,
        }

    reader = publish_rows(
        fct_exceptions=[
            exception(1, 5),
            exception(2, None, "negative_balance"),
            exception(3, 80, "negative_balance"),
        ]
    )
    assert exceptions.top_exceptions(reader, None, 10)["subject"].to_list() == ["s3", "s1", "s2"]
    assert exceptions.top_exceptions(reader, "short_receipt", 10)["subject"].to_list() == ["s1"]
    types = exceptions.exception_types(reader).select("exception_type", "exception_count").rows()
    assert types == [("negative_balance", 2), ("short_receipt", 1)]
