"""Lookup files: what a mapping joins beside the file it maps."""

from dataclasses import dataclass
from pathlib import Path

from ingestion.landing.arrivals import Arrival, LandingRun
from ingestion.landing.batches import read_manifests
from ingestion.landing.files import archive_path, register
from ingestion.landing.rejections import WaitingError
from ingestion.landing.sources import FeedRule, Format, Source, matches


@dataclass(frozen=True)
class LookupFile:
    """A file that a mapping joins, under the relation name that source.yml gives it."""

    relation: str
    file_name: str
    content_hash: str
    archived: Path
    form: Format


def find_lookups(
    run: LandingRun, arrival: Arrival, rules: tuple[FeedRule, ...]
) -> tuple[LookupFile, ...]:
    """Return the lookup files of these rules: beside the file, else landed with it, else archived.

    An arrival that is only a name, a retried file, has nothing beside it.

    Raises WaitingError, naming the pattern, when one is nowhere to be found.
    """
    wanted: dict[str, str] = {}
    for rule in rules:
        wanted |= rule.lookups
    return tuple(_find(run, arrival, name, pattern) for name, pattern in wanted.items())


def _find(run: LandingRun, arrival: Arrival, relation: str, pattern: str) -> LookupFile:
    path = _beside(run, arrival, pattern) if arrival.path.is_absolute() else None
    if path is not None:
        registered = register(run.settings, path)
        form = _format(arrival.source, path.name)
        return LookupFile(relation, path.name, registered.content_hash, registered.archived, form)
    return _archived(run, arrival, relation, pattern)


def _beside(run: LandingRun, arrival: Arrival, pattern: str) -> Path | None:
    def newest(paths: list[Path]) -> Path | None:
        plain = [path for path in paths if path.is_file() and not path.is_symlink()]
        return max(plain, key=lambda path: (path.lstat().st_mtime_ns, path.name), default=None)

    folder = arrival.path.parent
    same_folder = [path for path in folder.iterdir() if matches(path.name, pattern)]
    same_call = [
        other.path
        for other in run.arrivals
        if other.source.system == arrival.source.system and matches(other.path.name, pattern)
    ]
    return newest(same_folder) or newest(same_call)


def _archived(run: LandingRun, arrival: Arrival, relation: str, pattern: str) -> LookupFile:
    landed = [
        manifest
        for manifest in read_manifests(run.settings)
        if manifest.source_system == arrival.source.system
        and manifest.content_hash
        and matches(manifest.file_name, pattern)
    ]
    if not landed:
        raise WaitingError(
            f"{arrival.path.name} waits for {pattern}, which its mapping joins as {relation!r}. "
            f"Put that file beside it (system {arrival.source.system})."
        )
    newest = max(landed, key=lambda manifest: (manifest.registered_at, manifest.batch_id))
    return LookupFile(
        relation,
        newest.file_name,
        newest.content_hash,
        archive_path(run.settings, newest.content_hash),
        _format(arrival.source, newest.file_name),
    )


def _format(source: Source, file_name: str) -> Format:
    rules = source.rules_for(file_name)
    return source.format_for(rules[0]) if rules else source.definition.format
