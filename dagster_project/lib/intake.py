"""Intake: commands and dropped files become rows of the raw tables."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.commands.export import export_commands
from ingestion.commands.log import open_command_log
from ingestion.landing.arrivals import LandedFile
from ingestion.landing.files import walk
from ingestion.landing.land import land_drop
from ingestion.landing.load import LoadedBatch, load_batches
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

COMMANDS = "truestock"


@dataclass(frozen=True)
class Intake:
    """What one intake landed and loaded."""

    landed: tuple[LandedFile, ...]
    loaded: tuple[LoadedBatch, ...]

    @property
    def physical_count(self) -> int:
        """Physical records of the batches loaded just now."""
        return sum(batch.physical_count for batch in self.loaded)

    def counts(self) -> dict[str, Counter[str]]:
        """Return per feed how many records ended loaded, duplicate and quarantined."""
        ends: dict[str, Counter[str]] = {}
        for batch in self.loaded:
            for feed in batch.feeds:
                ends.setdefault(feed, Counter()).update(
                    loaded=batch.loaded_count,
                    duplicate=batch.duplicate_count,
                    quarantined=batch.quarantined_count,
                )
        return ends


def last_exported(settings: Settings) -> int:
    """Return the sequence of the last command a dropped file carries; 0 before the first."""
    files = (settings.drop / COMMANDS).glob("commands-*.ndjson")
    return max((int(path.stem.rsplit("-", 1)[1]) for path in files), default=0)


def looks(folder: Path) -> Iterator[str]:
    """Yield path, size and time of change of every file that would land; one that is gone is not.

    What `walk` passes over, such as an upload under way, is passed over here too.
    """
    for path in walk([folder]):
        with suppress(FileNotFoundError):
            status = path.lstat()
            yield f"{path}|{status.st_size}|{status.st_mtime_ns}"


def export_new_commands(settings: Settings) -> None:
    """Drop the command log's entries that no file carries yet."""
    log = open_command_log(settings)
    try:
        export_commands(log, settings.drop / COMMANDS, last_exported(settings))
    finally:
        log.close()


def take_in(settings: Settings, now: Callable[[], datetime]) -> Intake:
    """Export new commands, land what was dropped, load what was landed."""
    export_new_commands(settings)
    landed = land_drop(settings, now)
    with open_warehouse(settings) as connection:
        loaded = load_batches(connection, settings, now)
    return Intake(tuple(landed), tuple(loaded))
