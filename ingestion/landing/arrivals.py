"""What comes in and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from ingestion.landing.batches import Manifest, read_manifests
from ingestion.landing.sources import Source
from ingestion.settings import Settings


class LandingStatus(StrEnum):
    """What became of one path."""

    LANDED = "landed"
    ALREADY_LANDED = "already_landed"
    QUARANTINED = "quarantined"
    WAITING = "waiting"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Arrival:
    """A path and the source that reads it."""

    path: Path
    source: Source


@dataclass(frozen=True)
class LandedFile:
    """The answer for one path.

    `quarantined` means the whole file; single bad records leave it `landed`. A waiting or
    ignored file has no batch. `message` is a sentence for a person where there is something to say.
    """

    path: Path
    source_system: str
    status: LandingStatus
    batch_id: str | None
    feeds: tuple[str, ...]
    physical_count: int
    quarantined_count: int
    added_columns: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class LandingRun:
    """What every file of one landing shares: the other files beside it, and the clock."""

    settings: Settings
    arrivals: tuple[Arrival, ...]
    now: Callable[[], datetime]

    @cached_property
    def manifests(self) -> tuple[Manifest, ...]:
        """What had landed when it was first asked for."""
        return tuple(read_manifests(self.settings))


def utc(instant: datetime) -> datetime:
    """Return an instant as naive UTC, the way the warehouse keeps time."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
