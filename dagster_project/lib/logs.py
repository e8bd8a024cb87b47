"""Our log lines: JSON into the home's log file, and to whoever watches the run."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from ingestion.settings import Settings

LOG = "truestock.ndjson"
Watcher = Callable[[Mapping[str, Any]], None]


def configure(settings: Settings, watch: Watcher) -> None:
    """Send every log line of this process to logs/truestock.ndjson and to `watch`."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    path = settings.logs / LOG

    def write(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, default=str, ensure_ascii=False) + "\n")
        watch(event)
        raise structlog.DropEvent

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            write,
        ],
        cache_logger_on_first_use=False,
    )
