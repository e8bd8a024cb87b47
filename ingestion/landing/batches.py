"""Batches on disk: one directory per landed file, complete once it has its final name."""

import json
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import polars as pl

from ingestion.landing.rejections import Rejection
from ingestion.settings import Settings

MANIFEST = "manifest.json"
QUARANTINE = "quarantine.parquet"
STAGING = ".landing-"

_QUARANTINE_SCHEMA = {
    "batch_id": pl.String,
    "row_number": pl.Int64,
    "source_system": pl.String,
    "file_name": pl.String,
    "feed": pl.String,
    "rule": pl.String,
    "reason": pl.String,
    "record": pl.String,
    "quarantined_at": pl.Datetime("us"),
}


class UnknownBatchError(LookupError):
    """No batch has this id."""


@dataclass(frozen=True)
class Manifest:
    """What one batch says about itself.

    `rows` counts the good rows per feed; `passed_count` the records that are taken in without
    giving a row (filtered by their mapping, or kept for lookups). Whether the good rows are new is
    for the load to find: physical = loaded + duplicate + quarantined.
    """

    batch_id: str
    source_system: str
    file_name: str
    content_hash: str
    byte_count: int
    feeds: tuple[str, ...]
    registered_at: datetime
    landed_at: datetime
    attempt: int = 1
    supersedes: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict[str, int])
    physical_count: int = 0
    quarantined_count: int = 0
    passed_count: int = 0
    added_columns: tuple[str, ...] = ()
    lookups: dict[str, str] = field(default_factory=dict[str, str])

    def as_json(self) -> str:
        """Return the manifest as the text of its file."""
        return json.dumps(asdict(self), default=datetime.isoformat, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read what `as_json` wrote."""
        fields = json.loads(text)
        for name in ("registered_at", "landed_at"):
            fields[name] = datetime.fromisoformat(fields[name])
        for name in ("feeds", "supersedes", "added_columns"):
            fields[name] = tuple(fields[name])
        return cls(**fields)


def batch_id(content_hash: str, system: str, feeds: tuple[str, ...], attempt: int = 1) -> str:
    """Return the id of a batch: the same bytes read as the same feeds are the same batch."""
    reading = sha256("\n".join((system, *sorted(feeds))).encode()).hexdigest()
    name = f"{content_hash[:20]}-{reading[:6]}"
    return name if attempt == 1 else f"{name}-{attempt}"


def list_batches(settings: Settings) -> list[str]:
    """Return the ids of all complete batches, oldest name first."""
    try:
        entries = os.scandir(settings.batches)
    except FileNotFoundError:
        return []
    with entries:
        return sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))


def read_manifest(settings: Settings, batch: str) -> Manifest:
    """Return a batch's manifest; raises UnknownBatchError when there is none."""
    path = settings.batches / batch / MANIFEST
    try:
        return Manifest.from_json(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UnknownBatchError(
            f"There is no batch {batch!r} in {settings.batches}. "
            "`truestock quarantine list` shows the batches that need attention."
        ) from None


def find_manifest(settings: Settings, name: str) -> Manifest:
    """Return the manifest of the batch with this id, or of the only file whose ids begin so.

    Of several readings of that file it is the newest. Raises UnknownBatchError when none or more
    than one begins so.
    """
    found = [batch for batch in list_batches(settings) if name and batch.startswith(name)]
    if name in found or not found:
        return read_manifest(settings, name)
    manifests = [read_manifest(settings, batch) for batch in found]
    replaced = {batch for manifest in manifests for batch in manifest.supersedes}
    newest = [manifest for manifest in manifests if manifest.batch_id not in replaced]
    if len(newest) > 1:
        raise UnknownBatchError(
            f"{len(newest)} batches begin with {name!r}: "
            f"{', '.join(manifest.batch_id for manifest in newest[:4])}. Give more of the one."
        )
    return newest[0]


def read_manifests(settings: Settings) -> Iterator[Manifest]:
    """Yield the manifest of every complete batch."""
    return (read_manifest(settings, batch) for batch in list_batches(settings))


def read_quarantine(settings: Settings, batch: str) -> pl.DataFrame:
    """Return a batch's quarantined records, none when all were good."""
    path = settings.batches / batch / QUARANTINE
    if not path.exists():
        return pl.DataFrame(schema=_QUARANTINE_SCHEMA)
    return pl.read_parquet(path)


def staging_name() -> str:
    """Return a name for something unfinished that says which process is at it."""
    return f"{STAGING}{os.getpid()}-{uuid4().hex[:8]}"


@contextmanager
def staged_batch(settings: Settings) -> Generator[tuple[Path, Path]]:
    """Give a folder for the batch and one for temporary files; both go unless committed."""
    root = settings.batches / staging_name()
    batch, work = root / "batch", root / "work"
    batch.mkdir(parents=True)
    work.mkdir()
    try:
        yield batch, work
    finally:
        shutil.rmtree(root, ignore_errors=True)


def commit(
    settings: Settings, staged: Path, manifest: Manifest, rejections: list[Rejection]
) -> None:
    """Give the staged batch its final name; one that is there already stays as it is."""
    if rejections:
        write_quarantine(staged, manifest, rejections)
    target = staged / MANIFEST
    with target.open("w", encoding="utf-8") as stream:
        stream.write(manifest.as_json())
        stream.flush()
        os.fsync(stream.fileno())
    final = settings.batches / manifest.batch_id
    try:
        staged.rename(final)
    except OSError:
        if not (final / MANIFEST).exists():
            raise


def write_quarantine(staged: Path, manifest: Manifest, rejections: list[Rejection]) -> None:
    """Write the batch's rejected records beside its feeds."""
    rows = [
        {
            "batch_id": manifest.batch_id,
            "row_number": rejection.row_number,
            "source_system": manifest.source_system,
            "file_name": manifest.file_name,
            "feed": rejection.feed or ",".join(manifest.feeds),
            "rule": rejection.rule,
            "reason": rejection.reason,
            "record": rejection.record,
            "quarantined_at": manifest.landed_at,
        }
        for rejection in rejections
    ]
    pl.DataFrame(rows, schema=_QUARANTINE_SCHEMA).write_parquet(staged / QUARANTINE)


def sweep(settings: Settings) -> None:
    """Remove what landings of dead processes left behind."""
    for folder in (settings.batches, settings.archive):
        for path in folder.glob(f"{STAGING}*"):
            process = path.name.removeprefix(STAGING).partition("-")[0]
            if not process.isdecimal() or _lives(int(process)):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
