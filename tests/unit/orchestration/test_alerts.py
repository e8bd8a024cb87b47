from datetime import UTC, datetime, timedelta

import duckdb
from structlog.testing import capture_logs

from dagster_project.lib.alerts import Alert, raise_alert, raised_alerts, store_alerts
from dagster_project.lib.failures import failure_alert
from ingestion.contracts.vocabulary import Severity
from ingestion.settings import Settings

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def alert(title, at=AT):
    return Alert(Severity.BLOCKING, title, "Two entries differ.", "Mend the model.", at)


def test_a_raised_alert_is_kept_in_order(tmp_path):
    settings = Settings.model_validate({"home": tmp_path})
    for number in range(3):
        raise_alert(settings, alert(f"Alert {number}", AT + timedelta(minutes=number)))
    assert [one.title for one in raised_alerts(settings)] == ["Alert 0", "Alert 1", "Alert 2"]


def test_an_alerts_log_line_says_what_to_do(tmp_path):
    with capture_logs() as lines:
        raise_alert(Settings.model_validate({"home": tmp_path}), alert("Publication stopped"))
    assert lines[0]["event"] == "Publication stopped"
    assert lines[0]["next_step"] == "Mend the model."
    assert lines[0]["log_level"] == "error"


def test_alerts_become_rows_once_however_often_they_are_stored(tmp_path):
    settings = Settings.model_validate({"home": tmp_path})
    raise_alert(settings, alert("Publication stopped"))
    connection = duckdb.connect()
    store_alerts(connection, settings)
    store_alerts(connection, settings)
    found = connection.execute("select title, next_step, raised_at from meta.alerts").fetchall()
    assert found == [("Publication stopped", "Mend the model.", AT.replace(tzinfo=None))]


def test_a_home_without_alerts_has_none(tmp_path):
    assert raised_alerts(Settings.model_validate({"home": tmp_path})) == []


def test_a_failed_runs_alert_keeps_the_end_of_a_long_story():
    made = failure_alert("x" * 5000 + "the cause", AT)
    assert made.detail.endswith("the cause")
    assert len(made.detail) <= 2000
    assert "truestock run" in made.next_step
