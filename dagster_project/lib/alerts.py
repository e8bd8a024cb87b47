"""Alerts: what a person must hear even when nothing new could be published."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

import duckdb
import structlog

from dagster_project.lib.delivery import deliver
from ingestion.contracts.vocabulary import Severity
from ingestion.settings import Settings


@dataclass(frozen=True)
class Alert:
    """Something that happened, to which thing, and what to do next."""

    severity: Severity
    title: str
    detail: str
    next_step: str
    raised_at: datetime

    @property
    def alert_id(self) -> str:
        """The same alert at the same instant is one alert."""
        text = "|".join((self.title, self.detail, self.raised_at.isoformat()))
        return sha256(text.encode()).hexdigest()[:32]


def raise_alert(settings: Settings, alert: Alert) -> None:
    """Record the alert and tell people about it."""
    record_alert(settings, alert)
    announce(settings, alert)


def record_alert(settings: Settings, alert: Alert) -> None:
    """Append the alert to the home's alert log, durably and once."""
    if alert.alert_id in {each.alert_id for each in raised_alerts(settings)}:
        return
    settings.root.mkdir(parents=True, exist_ok=True)
    row = {"alert_id": alert.alert_id} | asdict(alert)
    row["raised_at"] = alert.raised_at.isoformat()
    with settings.alert_log.open("a") as file:
        file.write(json.dumps(row) + "\n")
        file.flush()
        os.fsync(file.fileno())


def announce(settings: Settings, alert: Alert) -> None:
    """Say the alert in the log, and deliver it where the home names an address."""
    say = structlog.get_logger().error
    if alert.severity is not Severity.BLOCKING:
        say = structlog.get_logger().warning
    say(alert.title, severity=alert.severity, detail=alert.detail, next_step=alert.next_step)
    text = f"{alert.detail}\n\nNext: {alert.next_step}"
    deliver(settings, alert.severity, alert.title, text)


def raised_alerts(settings: Settings) -> list[Alert]:
    """Return every alert raised in this home, oldest first."""
    try:
        lines = settings.alert_log.read_text().splitlines()
    except FileNotFoundError:
        return []
    return [
        Alert(
            Severity(row["severity"]),
            row["title"],
            row["detail"],
            row["next_step"],
            datetime.fromisoformat(row["raised_at"]),
        )
        for row in map(json.loads, lines)
    ]


def store_alerts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make meta.alerts equal to the home's alert log."""
    connection.execute("create schema if not exists meta")
    connection.execute(
        """
        create or replace table meta.alerts (
            alert_id varchar, severity varchar, title varchar, detail varchar,
            next_step varchar, raised_at timestamp
        )
        """
    )
    rows = [
        [a.alert_id, a.severity, a.title, a.detail, a.next_step, a.raised_at.replace(tzinfo=None)]
        for a in raised_alerts(settings)
    ]
    if rows:
        connection.executemany("insert into meta.alerts values ($1, $2, $3, $4, $5, $6)", rows)
