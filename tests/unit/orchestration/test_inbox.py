from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest

from dagster_project.lib.inbox import new_exceptions_alert
from dagster_project.lib.publication import Edition, Relation, publish
from ingestion.contracts.vocabulary import Severity
from ingestion.settings import Settings

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = (
    "exception_id varchar, exception_type varchar, severity varchar, subject varchar, "
    "state varchar, at_risk_amount decimal(38, 4), priority decimal(38, 4)"
)


def problem(exception_id, kind="short_receipt", state="open", amount=10, severity="warning"):
    return (exception_id, kind, severity, f"subject of {exception_id}", state, amount, 2 * amount)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def warehouse():
    connection = duckdb.connect()
    connection.execute("create schema staging")
    connection.execute(
        "create table staging.clock as select timestamp '2026-03-01 12:00' as as_of_at"
    )
    connection.execute(f"create table fct_exceptions ({COLUMNS})")
    yield connection
    connection.close()


def hold(warehouse, *problems):
    warehouse.execute("delete from fct_exceptions")
    for each in problems:
        warehouse.execute("insert into fct_exceptions values ($1, $2, $3, $4, $5, $6, $7)", each)


def publish_it(warehouse, settings, query="from fct_exceptions"):
    publish(warehouse, settings, (Relation("fct_exceptions", query),), Edition(AT, "run", "0:0"))


def test_a_run_is_one_alert_by_type_with_the_money_at_risk(warehouse, settings):
    hold(
        warehouse,
        problem("a", amount=Decimal("1000.50")),
        problem("b"),
        problem("c", "negative_balance", amount=2000, severity="info"),
        problem("d", state="resolved", amount=9999),
        problem("e", state="snoozed", amount=9999),
    )
    alert = new_exceptions_alert(warehouse, settings)
    assert alert is not None
    assert alert.title == "3 new exceptions, 3,010.50 at risk"
    assert alert.detail == (
        "negative balance: 1, 2,000.00 at risk. short receipt: 2, 1,010.50 at risk."
    )
    assert alert.next_step.endswith("the first by priority is subject of c.")
    assert (alert.severity, alert.raised_at) == (Severity.WARNING, AT)


def test_what_the_current_generation_shows_is_no_news(warehouse, settings):
    hold(warehouse, problem("a"), problem("b", state="resolved"))
    publish_it(warehouse, settings)
    assert new_exceptions_alert(warehouse, settings) is None


def test_what_reopened_is_news_again(warehouse, settings):
    hold(warehouse, problem("a"), problem("b", state="resolved"))
    publish_it(warehouse, settings)
    hold(warehouse, problem("a"), problem("b"))
    alert = new_exceptions_alert(warehouse, settings)
    assert alert is not None
    assert alert.title == "1 new exception, 10.00 at risk"


def test_a_repeated_run_gives_the_same_alert(warehouse, settings):
    hold(warehouse, problem("a", severity="blocking"))
    first, second = (new_exceptions_alert(warehouse, settings) for _ in range(2))
    assert first is not None
    assert first == second
    assert first.severity is Severity.BLOCKING


def test_a_generation_from_before_exceptions_had_a_state_is_understood(warehouse, settings):
    hold(warehouse, problem("a"))
    publish_it(warehouse, settings, "select exception_id from fct_exceptions")
    hold(warehouse, problem("a"), problem("b"))
    alert = new_exceptions_alert(warehouse, settings)
    assert alert is not None
    assert alert.title.startswith("1 new exception,")
