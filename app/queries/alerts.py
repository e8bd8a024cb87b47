"""Alerts: those the generation holds, and those raised since, which it cannot hold."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from app.queries.reader import Reader

SCHEMA = {
    "severity": pl.String,
    "title": pl.String,
    "detail": pl.String,
    "next_step": pl.String,
    "raised_at": pl.Datetime("us"),
}


def published(reader: Reader) -> pl.DataFrame:
    """Return the alerts of the generation, the newest first."""
    return reader.frame(
        """
        select severity, title, detail, next_step, raised_at
        from fct_alerts order by raised_at desc, title
        """
    )


def raised_since(alert_log: Path, published_at: datetime) -> pl.DataFrame:
    """Return the alerts raised after the generation was published, the newest first.

    A run that fails publishes nothing, so its alert is in the home's alert log alone.
    """
    try:
        lines = alert_log.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    since = published_at.astimezone(UTC).replace(tzinfo=None)
    alerts = [alert for alert in map(_alert, lines) if alert and alert["raised_at"] > since]
    return pl.DataFrame(alerts, schema=SCHEMA).sort("raised_at", descending=True)


def _alert(line: str) -> dict[str, Any] | None:
    try:
        alert = json.loads(line)
    except json.JSONDecodeError:  # the line is being written
        return None
    raised_at = datetime.fromisoformat(alert["raised_at"])
    if raised_at.tzinfo is not None:
        raised_at = raised_at.astimezone(UTC).replace(tzinfo=None)
    return {name: alert[name] for name in SCHEMA} | {"raised_at": raised_at}
