"""One file from its path to its batch."""

import errno
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from ingestion.contracts.feeds import FEEDS
from ingestion.landing.arrivals import Arrival, LandedFile, LandingRun, LandingStatus
from ingestion.landing.batches import (
    Manifest,
    batch_id,
    commit,
    list_batches,
    read_manifest,
    read_quarantine,
    staged_batch,
)
from ingestion.landing.checking import Stamp
from ingestion.landing.decoding import settled_format
from ingestion.landing.files import ChangingFileError, RefusedPathError, RegisteredFile, register
from ingestion.landing.lookups import LookupFile, find_lookups
from ingestion.landing.mapping import SOURCE, Outcome, Workbench, map_file
from ingestion.landing.reading import scratch_database
from ingestion.landing.rejections import (
    FileRejectedError,
    NoRoomError,
    Rejection,
    WaitingError,
)
from ingestion.landing.sources import FeedRule, Source, load_sources
from ingestion.settings import Settings


@dataclass(frozen=True)
class Reading:
    """One archived file about to be read in one way."""

    file: RegisteredFile
    source: Source
    rules: tuple[FeedRule, ...]
    lookups: tuple[LookupFile, ...]
    manifest: Manifest


def land_file(run: LandingRun, arrival: Arrival) -> LandedFile:
    """Land one file: register, archive, parse, check, write its batch."""
    source, rules = arrival.source, arrival.source.rules_for(arrival.path.name)
    if not rules and source.ignores(arrival.path.name):
        return _unread(arrival, LandingStatus.IGNORED, "its source.yml ignores files of this name")
    try:
        file = register(run.settings, arrival.path)
    except ChangingFileError as error:
        return _unread(arrival, LandingStatus.WAITING, str(error))
    except RefusedPathError as error:
        return _refused(run, arrival, str(error))
    feeds = tuple(dict.fromkeys(rule.feed for rule in rules))
    batch = batch_id(file.content_hash, source.system, feeds)
    if (run.settings.batches / batch).is_dir():
        attempts = _attempts(run.settings, batch)
        if not _is_read_otherwise(run.settings, attempts, arrival):
            message = _landed_before(run, attempts[-1])
            return answer(arrival.path, attempts[-1], LandingStatus.ALREADY_LANDED, message)
    try:
        lookups = find_lookups(run, arrival, rules)
    except (WaitingError, ChangingFileError, RefusedPathError) as error:
        return _unread(arrival, LandingStatus.WAITING, str(error))
    manifest = new_manifest(run.settings, source, file, now := run.now(), now)
    return read_file(run.settings, arrival.path, Reading(file, source, rules, lookups, manifest))


def read_file(settings: Settings, path: Path, reading: Reading) -> LandedFile:
    """Read an archived file into the batch that its manifest announces.

    Raises NoRoomError when the disk is too full to tell whether the file is good.
    """
    free_bytes = shutil.disk_usage(settings.batches).free
    with staged_batch(settings) as (batch, work):
        try:
            outcome = _map(
                Workbench(scratch_database(settings, work, batch), settings, work, batch), reading
            )
        except (FileRejectedError, OSError, duckdb.Error) as error:
            if free_bytes < _room_for(reading.file) and _lacks_room(error):
                raise _no_room(settings, reading.file, free_bytes) from error
            if not isinstance(error, FileRejectedError):
                raise
            for written in batch.iterdir():
                written.unlink()
            outcome = _whole_file(error)
        manifest = replace(
            reading.manifest,
            rows=outcome.rows,
            physical_count=outcome.physical,
            quarantined_count=outcome.quarantined,
            passed_count=outcome.passed,
            added_columns=outcome.added_columns,
            lookups={lookup.relation: lookup.content_hash for lookup in reading.lookups},
        )
        commit(settings, batch, manifest, outcome.rejections)
    rejected = next((r for r in outcome.rejections if r.row_number is None), None)
    status = LandingStatus.QUARANTINED if rejected else LandingStatus.LANDED
    return answer(path, manifest, status, rejected.reason if rejected else _repeats(outcome))


def _repeats(outcome: Outcome) -> str:
    if not outcome.repeated:
        return ""
    return (
        f"{outcome.repeated} of its events say what another row says and have no source_event_key, "
        "so they count once; if they happened, give each a key of its own, such as document and "
        "line, then land the file again"
    )


def _room_for(file: RegisteredFile) -> int:
    """Return how much disk reading a file may take; only with less is a failure the disk's."""
    return 2**30 + 20 * file.byte_count


def _lacks_room(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is a disk's or the memory's rather than a file's."""
    if error is None:
        return False
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    wants_memory = isinstance(error, duckdb.OutOfMemoryException)
    return wants_memory or "No space left" in str(error) or _lacks_room(error.__cause__)


def _no_room(settings: Settings, file: RegisteredFile, free_bytes: int) -> NoRoomError:
    return NoRoomError(
        f"{file.file_name} could not be read: the disk of {settings.root} had only "
        f"{free_bytes // 2**20:,} MB free. Nothing of it was kept or refused; free the disk, "
        "then run again."
    )


def answer(path: Path, manifest: Manifest, status: LandingStatus, message: str) -> LandedFile:
    """Return the answer that a manifest gives for a path."""
    return LandedFile(
        path,
        manifest.source_system,
        status,
        manifest.batch_id,
        manifest.feeds,
        manifest.physical_count,
        manifest.quarantined_count,
        manifest.added_columns,
        message,
    )


def _map(bench: Workbench, reading: Reading) -> Outcome:
    with bench.connection:
        if not reading.rules:
            raise FileRejectedError("unclaimed_file", _unclaimed(bench.settings, reading))
        form = reading.source.format_for(reading.rules[0])
        if any(reading.source.format_for(rule) != form for rule in reading.rules):
            raise FileRejectedError(
                "mapping_error",
                f"source.yml gives {reading.file.file_name} different formats; give it one",
            )
        parsed = bench.parse(reading.file.archived, reading.file.file_name, form, SOURCE)
        for lookup in reading.lookups:
            bench.parse_lookup(lookup)
        return map_file(bench, parsed, reading.source, reading.rules, _stamp(reading))


def _whole_file(error: FileRejectedError) -> Outcome:
    rejection = Rejection(None, "", error.rule, error.reason, None)
    return Outcome({}, error.physical, error.physical, 0, (), [rejection])


def _stamp(reading: Reading) -> Stamp:
    manifest = reading.manifest
    form = reading.source.format_for(reading.rules[0])
    return Stamp(
        manifest.batch_id,
        manifest.source_system,
        reading.source.definition.timezone,
        manifest.registered_at,
        manifest.landed_at,
        form.decimal_comma,
    )


def new_manifest(
    settings: Settings, source: Source, file: RegisteredFile, registered_at: datetime, at: datetime
) -> Manifest:
    """Return the manifest of the next reading of a file; it replaces every earlier reading."""
    feeds = tuple(dict.fromkeys(rule.feed for rule in source.rules_for(file.file_name)))
    attempt = 1
    while (settings.batches / batch_id(file.content_hash, source.system, feeds, attempt)).is_dir():
        attempt += 1
    return Manifest(
        batch_id(file.content_hash, source.system, feeds, attempt),
        source.system,
        file.file_name,
        file.content_hash,
        file.byte_count,
        feeds,
        registered_at,
        at,
        attempt,
        _earlier(settings, file.content_hash, source.system),
    )


def _earlier(settings: Settings, content_hash: str, system: str) -> tuple[str, ...]:
    same = [b for b in list_batches(settings) if b.startswith(content_hash[:20])]
    return tuple(b for b in same if read_manifest(settings, b).source_system == system)


def _landed_before(run: LandingRun, manifest: Manifest) -> str:
    """Say when the bytes landed, and what of them newer statements have replaced since."""
    at = f"{manifest.registered_at:%Y-%m-%d %H:%M} UTC"
    revisable = {feed for feed in manifest.feeds if feed in FEEDS and FEEDS[feed].revisable}
    newer = [
        other
        for other in (run.manifests if revisable else ())
        if other.registered_at > manifest.registered_at and revisable & set(other.feeds)
    ]
    if not newer:
        return f"the same bytes landed at {at}"
    replacing = sorted({feed for other in newer for feed in other.feeds if feed in revisable})
    return (
        f"the same bytes landed at {at}; newer files of {', '.join(replacing)} came since and "
        "stay in force. To go back to this one, send it with a recorded_at of now in each row"
    )


def _attempts(settings: Settings, batch: str) -> list[Manifest]:
    """Return every reading of the batch, the newest last."""
    manifests = [read_manifest(settings, batch)]
    while (settings.batches / (name := f"{batch}-{len(manifests) + 1}")).is_dir():
        manifests.append(read_manifest(settings, name))
    return manifests


def _is_read_otherwise(settings: Settings, attempts: Sequence[Manifest], arrival: Arrival) -> bool:
    """Whether bytes that were refused whole now have a name under which nobody read them yet."""
    refused = read_quarantine(settings, attempts[-1].batch_id)
    if refused["row_number"].null_count() == 0:
        return False
    kinds = {_kind(arrival.source, attempt.file_name) for attempt in attempts}
    return _kind(arrival.source, arrival.path.name) not in kinds


def _kind(source: Source, file_name: str) -> str | None:
    """Return as what a file of this name is read."""
    rules = source.rules_for(file_name)
    form = source.format_for(rules[0]) if rules else source.definition.format
    try:
        return settled_format(file_name, form).type
    except FileRejectedError:
        return None


def _unread(arrival: Arrival, status: LandingStatus, message: str) -> LandedFile:
    feeds = tuple(rule.feed for rule in arrival.source.rules_for(arrival.path.name))
    return LandedFile(arrival.path, arrival.source.system, status, None, feeds, 0, 0, (), message)


def _refused(run: LandingRun, arrival: Arrival, reason: str) -> LandedFile:
    """Keep a refused path as a batch without bytes, so that somebody sees it."""
    system, now = arrival.source.system, run.now()
    digest = sha256(f"{system}\n{arrival.path}\n{reason}".encode()).hexdigest()
    batch = batch_id(digest, system, ("refused",))
    if (run.settings.batches / batch).is_dir():
        manifest = read_manifest(run.settings, batch)
        return answer(arrival.path, manifest, LandingStatus.QUARANTINED, reason)
    manifest = Manifest(
        batch,
        system,
        arrival.path.name,
        "",
        0,
        (),
        now,
        now,
        rows={},
        physical_count=1,
        quarantined_count=1,
    )
    rejections = [Rejection(None, "", "refused", reason, None)]
    with staged_batch(run.settings) as (staged, _):
        commit(run.settings, staged, manifest, rejections)
    return answer(arrival.path, manifest, LandingStatus.QUARANTINED, reason)


def _unclaimed(settings: Settings, reading: Reading) -> str:
    """Say why nobody takes a file, and how somebody would."""
    source, name = reading.source, reading.file.file_name
    if source.has_folder:
        return (
            f"no feed of {source.system} takes a file named {name}; "
            f"its source.yml lists: {', '.join(_patterns(source))}"
        )
    known = ", ".join(sorted(load_sources(settings)))
    return (
        f"no source is called {source.system}; there are {known}. Put {name} into drop/ of the "
        f"one it is from, or connect {source.system} with "
        f"{settings.user_sources / source.system}/source.yml, then retry. Without a source only "
        "files in the contract's own columns are taken, named after their feed like orders.csv"
    )


def _patterns(source: Source) -> Sequence[str]:
    return sorted({pattern for rule in source.definition.feeds for pattern in rule.files})
