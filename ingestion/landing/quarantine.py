"""Quarantine: what was not loaded and why, and a second try after the cause is mended.

What landing refused is read from the batches' own files, what the build refused for want of master
data from the current generation; so it works while the pipeline writes.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ingestion.generations import NoGenerationError, open_current
from ingestion.landing.arrivals import Arrival, LandedFile, LandingRun, utc
from ingestion.landing.batches import Manifest, find_manifest, read_manifests, read_quarantine
from ingestion.landing.files import RegisteredFile, archive_path
from ingestion.landing.lookups import find_lookups
from ingestion.landing.one_file import Reading, new_manifest, read_file
from ingestion.landing.originals import original_records
from ingestion.landing.sources import NATIVE, Source, load_sources
from ingestion.settings import Settings

LANDING, STAGING = "landing", "staging"


class NothingToRetryError(ValueError):
    """A batch that reading again cannot change, or that a later attempt has replaced."""


@dataclass(frozen=True)
class QuarantinedBatch:
    """A batch with records in quarantine.

    `rules` counts them by the rule they break, `examples` gives the first reason of each.
    """

    batch_id: str
    source_system: str
    file_name: str
    registered_at: datetime
    physical_count: int
    quarantined_count: int
    rules: dict[str, int]
    examples: dict[str, str]
    is_whole_file: bool


@dataclass(frozen=True)
class QuarantinedRecord:
    """One record in quarantine; `row_number` None is the whole file.

    `record` is the text in its file. Where `found_at` is staging it waits for what its reason asks
    for; an unknown code comes back by itself.
    """

    batch_id: str
    row_number: int | None
    source_system: str
    file_name: str
    feed: str
    rule: str
    reason: str
    record: str | None
    found_at: str


def list_quarantine(settings: Settings) -> list[QuarantinedBatch]:
    """Return the batches with quarantined records, newest first, replaced attempts left out."""
    manifests = list(read_manifests(settings))
    replaced = {batch for manifest in manifests for batch in manifest.supersedes}
    staged = _staged(settings)
    bad = [
        manifest
        for manifest in manifests
        if manifest.batch_id not in replaced
        and (manifest.quarantined_count or any(each in staged for each in _readings(manifest)))
    ]
    bad.sort(key=lambda manifest: (manifest.registered_at, manifest.batch_id), reverse=True)
    return [_summary(settings, manifest, staged) for manifest in bad]


def show(settings: Settings, batch_id: str, row_number: int | None) -> list[QuarantinedRecord]:
    """Return a batch's quarantined records, or those of one row number.

    The beginning of a batch's id names it as well. Raises UnknownBatchError when no batch, or more
    than one, has that name.
    """
    manifest = find_manifest(settings, batch_id)
    records = _refused(settings, manifest)
    waiting = _waiting(manifest, records, _staged(settings, _readings(manifest)))
    shown = [
        record
        for record in (*records, *waiting)
        if row_number is None or record.row_number == row_number
    ]
    return _with_originals(settings, manifest, shown)


def _with_originals(
    settings: Settings, manifest: Manifest, records: Sequence[QuarantinedRecord]
) -> list[QuarantinedRecord]:
    """Give the records that staging refused the text that they have in their file."""
    numbers = {r.row_number for r in records if r.found_at == STAGING and r.row_number is not None}
    if not numbers:
        return list(records)
    source = _source(settings, manifest.source_system)
    texts = original_records(settings, source, manifest, numbers)
    return [
        replace(record, record=texts.get(record.row_number or 0, record.record))
        if record.found_at == STAGING
        else record
        for record in records
    ]


def retry(settings: Settings, batch_id: str, now: Callable[[], datetime]) -> LandedFile:
    """Read the archived bytes again, with the mapping and contract of today, as a new attempt.

    What had loaded already counts as duplicate, so nothing doubles. The beginning of a batch's id
    names its newest reading. Raises UnknownBatchError, or
    NothingToRetryError when landing refused nothing of the batch, when it has no bytes or when a
    later attempt exists.
    """
    manifest = find_manifest(settings, batch_id)
    staged = _staged(settings, _readings(manifest))
    late = _waiting(manifest, _refused(settings, manifest), staged)
    waiting = {record.row_number: record.rule for record in late}
    if waiting and not manifest.quarantined_count:
        raise NothingToRetryError(
            f"Landing refused nothing of {manifest.file_name}, so reading it again changes nothing."
            f" {_comes_back(waiting.values())}"
        )
    if not manifest.content_hash:
        raise NothingToRetryError(
            f"{manifest.file_name} was refused unread; put a plain file in its place and land it."
        )
    for later in read_manifests(settings):
        if manifest.batch_id in later.supersedes:
            raise NothingToRetryError(
                f"Batch {manifest.batch_id} was read again as {later.batch_id}; retry that one."
            )
    archived = archive_path(settings, manifest.content_hash)
    file = RegisteredFile(manifest.file_name, manifest.content_hash, manifest.byte_count, archived)
    source = _source(settings, manifest.source_system)
    rules = source.rules_for(file.file_name)
    arrival = Arrival(Path(file.file_name), source)
    run = LandingRun(settings, (), lambda: utc(now()))
    lookups = find_lookups(run, arrival, rules)
    attempt = new_manifest(settings, source, file, manifest.registered_at, run.now())
    landed = read_file(settings, arrival.path, Reading(file, source, rules, lookups, attempt))
    if not waiting:
        return landed
    return replace(landed, message=f"{landed.message} {_comes_back(waiting.values())}".strip())


def _source(settings: Settings, system: str) -> Source:
    sources = load_sources(settings)
    return sources.get(system) or sources[NATIVE].under_another_name(system)


def _comes_back(rules: Collection[str]) -> str:
    """Say what the rows that staging refused wait for; only an unknown code can become known."""
    unknown = sum(rule.startswith("unknown_") for rule in rules)
    sentences: list[str] = []
    if unknown:
        sentences.append(
            f"{unknown} of its records wait for master data: add what `truestock quarantine show` "
            "says they lack; they come back by themselves with the next `truestock run`."
        )
    if unknown < len(rules):
        sentences.append(
            f"{len(rules) - unknown} of its records need a correction at their source, as "
            "`truestock quarantine show` says."
        )
    return " ".join(sentences)


def _summary(
    settings: Settings, manifest: Manifest, staged: Mapping[str, list[QuarantinedRecord]]
) -> QuarantinedBatch:
    refused = _refused(settings, manifest)
    waiting = _waiting(manifest, refused, staged)
    records = refused + waiting
    rules = Counter(record.rule for record in records)
    examples = {record.rule: record.reason for record in reversed(records)}
    return QuarantinedBatch(
        manifest.batch_id,
        manifest.source_system,
        manifest.file_name,
        manifest.registered_at,
        manifest.physical_count,
        manifest.quarantined_count + len({record.row_number for record in waiting}),
        dict(rules.most_common()),
        examples,
        any(record.row_number is None for record in records),
    )


def _refused(settings: Settings, manifest: Manifest) -> list[QuarantinedRecord]:
    rows = read_quarantine(settings, manifest.batch_id).select(_RECORD)
    return [QuarantinedRecord(*row, found_at=LANDING) for row in rows.iter_rows()]


def _readings(manifest: Manifest) -> tuple[str, ...]:
    """Return the batch and those it replaced: what they loaded is not loaded again."""
    return (manifest.batch_id, *manifest.supersedes)


def _waiting(
    manifest: Manifest,
    refused: Collection[QuarantinedRecord],
    staged: Mapping[str, list[QuarantinedRecord]],
) -> list[QuarantinedRecord]:
    """Return what staging found wanting in a batch's rows, save what landing `refused` of it."""
    again = {record.row_number for record in refused}
    return [
        replace(record, batch_id=manifest.batch_id)
        for batch in _readings(manifest)
        for record in staged.get(batch, [])
        if again.isdisjoint({None, record.row_number})
    ]


def _staged(
    settings: Settings, batches: Sequence[str] | None = None
) -> dict[str, list[QuarantinedRecord]]:
    """Return what the current generation found wanting, by batch: of these batches or of all."""
    try:
        _, connection = open_current(settings)
    except NoGenerationError:
        return {}
    with connection:
        rows = connection.execute(
            f"select {', '.join(_RECORD)} from meta_quarantine where found_at = $1 "
            "and ($2 is null or list_contains($2, batch_id)) order by row_number, rule",
            [STAGING, None if batches is None else list(batches)],
        ).fetchall()
    staged: dict[str, list[QuarantinedRecord]] = {}
    for row in rows:
        record = QuarantinedRecord(*row, found_at=STAGING)
        staged.setdefault(record.batch_id, []).append(record)
    return staged


_RECORD = (
    "batch_id", "row_number", "source_system", "file_name", "feed", "rule", "reason", "record",
)  # fmt: skip
