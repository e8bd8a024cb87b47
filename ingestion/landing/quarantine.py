"""Quarantine: what was not loaded and why, and a second try after the cause is mended.

Everything is read from the batches' own files, so it works while the pipeline writes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.landing.arrivals import Arrival, LandedFile, LandingRun, utc
from ingestion.landing.batches import Manifest, read_manifest, read_manifests, read_quarantine
from ingestion.landing.files import RegisteredFile, archive_path
from ingestion.landing.lookups import find_lookups
from ingestion.landing.one_file import Reading, new_manifest, read_file
from ingestion.landing.sources import NATIVE, Source, load_sources
from ingestion.settings import Settings


class NothingToRetryError(ValueError):
    """A batch whose bytes were never read, or that a later attempt has replaced."""


@dataclass(frozen=True)
class QuarantinedBatch:
    """A batch with records in quarantine; `rules` counts them by the rule they break."""

    batch_id: str
    source_system: str
    file_name: str
    registered_at: datetime
    physical_count: int
    quarantined_count: int
    rules: dict[str, int]
    is_whole_file: bool
    example: str


@dataclass(frozen=True)
class QuarantinedRecord:
    """One record in quarantine as it stood in its file; `row_number` None is the whole file."""

    batch_id: str
    row_number: int | None
    source_system: str
    file_name: str
    feed: str
    rule: str
    reason: str
    record: str | None


def list_quarantine(settings: Settings) -> list[QuarantinedBatch]:
    """Return the batches with quarantined records, newest first, replaced attempts left out."""
    manifests = list(read_manifests(settings))
    replaced = {batch for manifest in manifests for batch in manifest.supersedes}
    bad = [m for m in manifests if m.quarantined_count and m.batch_id not in replaced]
    bad.sort(key=lambda manifest: (manifest.registered_at, manifest.batch_id), reverse=True)
    return [_summary(settings, manifest) for manifest in bad]


def show(settings: Settings, batch_id: str, row_number: int | None) -> list[QuarantinedRecord]:
    """Return a batch's quarantined records, or those of one row number.

    Raises UnknownBatchError when there is no such batch.
    """
    manifest = read_manifest(settings, batch_id)
    records = _records(settings, manifest)
    return [r for r in records if row_number is None or r.row_number == row_number]


def retry(settings: Settings, batch_id: str, now: Callable[[], datetime]) -> LandedFile:
    """Read the archived bytes again, with the mapping and contract of today, as a new attempt.

    What had loaded already counts as duplicate, so nothing doubles. Raises UnknownBatchError, or
    NothingToRetryError when the batch has no bytes or a later attempt exists.
    """
    manifest = read_manifest(settings, batch_id)
    if not manifest.content_hash:
        raise NothingToRetryError(
            f"{manifest.file_name} was refused unread; put a plain file in its place and land it."
        )
    for later in read_manifests(settings):
        if batch_id in later.supersedes:
            raise NothingToRetryError(
                f"Batch {batch_id} was read again as {later.batch_id}; retry that one."
            )
    archived = archive_path(settings, manifest.content_hash)
    file = RegisteredFile(manifest.file_name, manifest.content_hash, manifest.byte_count, archived)
    source = _source(settings, manifest.source_system)
    rules = source.rules_for(file.file_name)
    arrival = Arrival(Path(file.file_name), source)
    run = LandingRun(settings, (), lambda: utc(now()))
    lookups = find_lookups(run, arrival, rules)
    attempt = new_manifest(settings, source, file, manifest.registered_at, run.now())
    return read_file(settings, arrival.path, Reading(file, source, rules, lookups, attempt))


def _source(settings: Settings, system: str) -> Source:
    sources = load_sources(settings)
    return sources.get(system) or sources[NATIVE].under_another_name(system)


def _summary(settings: Settings, manifest: Manifest) -> QuarantinedBatch:
    records = list(_records(settings, manifest))
    rules: dict[str, int] = {}
    for record in records:
        rules[record.rule] = rules.get(record.rule, 0) + 1
    return QuarantinedBatch(
        manifest.batch_id,
        manifest.source_system,
        manifest.file_name,
        manifest.registered_at,
        manifest.physical_count,
        manifest.quarantined_count,
        rules,
        any(record.row_number is None for record in records),
        records[0].reason if records else "",
    )


def _records(settings: Settings, manifest: Manifest) -> Iterator[QuarantinedRecord]:
    for row in read_quarantine(settings, manifest.batch_id).iter_rows(named=True):
        yield QuarantinedRecord(
            row["batch_id"],
            row["row_number"],
            row["source_system"],
            row["file_name"],
            row["feed"],
            row["rule"],
            row["reason"],
            row["record"],
        )
