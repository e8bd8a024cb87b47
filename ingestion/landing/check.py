"""A dry run of a source folder: what its mappings make of sample files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from ingestion.landing.arrivals import Arrival, LandedFile, LandingRun, LandingStatus, utc
from ingestion.landing.batches import read_manifest
from ingestion.landing.files import walk
from ingestion.landing.one_file import land_file
from ingestion.landing.quarantine import QuarantinedRecord, show
from ingestion.landing.sources import Source, read_source
from ingestion.settings import Settings

_FIRST_ROWS = 3


@dataclass(frozen=True)
class FileCheck:
    """What one sample file came to: rows per feed, the first of them, and what was refused."""

    file_name: str
    status: LandingStatus
    message: str
    physical_count: int
    quarantined_count: int
    rows: dict[str, int]
    added_columns: tuple[str, ...]
    first_rows: dict[str, pl.DataFrame]
    quarantined: tuple[QuarantinedRecord, ...]


@dataclass(frozen=True)
class SourceCheck:
    """A usable source and what it made of each sample file."""

    system: str
    feeds: tuple[str, ...]
    files: tuple[FileCheck, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every sample landed without a quarantined record."""
        return all(
            file.status is LandingStatus.LANDED and not file.quarantined_count
            for file in self.files
        )


def check_source(directory: Path, samples: Path | None, now: Callable[[], datetime]) -> SourceCheck:
    """Read the source in `directory` and try it on sample files, leaving nothing behind.

    `samples` is a file or a folder; without it only the folder itself is checked. Raises
    SourceError when the source cannot be used as it is written.
    """
    source = read_source(directory)
    files = () if samples is None else _try(source, [samples.absolute()], now)
    return SourceCheck(source.system, source.feeds, files)


def _try(
    source: Source, paths: Sequence[Path], now: Callable[[], datetime]
) -> tuple[FileCheck, ...]:
    with TemporaryDirectory(prefix="truestock-check-") as home:
        settings = Settings.model_validate({"home": home})
        settings.batches.mkdir(parents=True)
        claimed = [path for path in walk(paths) if source.rules_for(path.name)]
        arrivals = tuple(Arrival(path, source) for path in claimed)
        run = LandingRun(settings, arrivals, lambda: utc(now()))
        return tuple(_report(settings, land_file(run, arrival)) for arrival in arrivals)


def _report(settings: Settings, landed: LandedFile) -> FileCheck:
    rows: dict[str, int] = {}
    first: dict[str, pl.DataFrame] = {}
    quarantined: tuple[QuarantinedRecord, ...] = ()
    if landed.batch_id is not None:
        rows = read_manifest(settings, landed.batch_id).rows
        quarantined = tuple(show(settings, landed.batch_id, None))
    for feed in rows:
        path = settings.batches / (landed.batch_id or "") / f"{feed}.parquet"
        first[feed] = pl.read_parquet(path, n_rows=_FIRST_ROWS)
    return FileCheck(
        landed.path.name,
        landed.status,
        landed.message,
        landed.physical_count,
        landed.quarantined_count,
        rows,
        landed.added_columns,
        first,
        quarantined,
    )
