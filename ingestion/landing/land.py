"""Landing: files in, immutable batches out; no warehouse needed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from ingestion.landing.arrivals import Arrival, LandedFile, LandingRun, utc
from ingestion.landing.batches import sweep
from ingestion.landing.files import walk
from ingestion.landing.one_file import land_file
from ingestion.landing.seen import SeenFiles
from ingestion.landing.sources import NATIVE, Source, UnknownSourceError, load_sources
from ingestion.settings import Settings

Clock = Callable[[], datetime]


def land_paths(
    settings: Settings, paths: Sequence[Path], *, system: str | None, now: Clock
) -> list[LandedFile]:
    """Land files and folders; every file gets an answer, and a bad one never stops the others.

    `system` names the source that reads them; without it a file under drop/<system>/ is that
    system's, and any other is read as the contract's own format. Raises UnknownSourceError for a
    system without a source, SourceError for a source folder that cannot be used.
    """
    sources = load_sources(settings)
    if system is not None and system not in sources:
        raise UnknownSourceError(
            f"No source is called {system!r}. Known: {', '.join(sorted(sources))}. "
            f"Connect one with a folder {settings.user_sources / system}/source.yml."
        )
    arrivals = [
        Arrival(path, _source_of(settings, sources, path, system))
        for path in walk([path.absolute() for path in paths])
    ]
    return _land(settings, arrivals, now)


def land_drop(settings: Settings, now: Clock) -> list[LandedFile]:
    """Land what is new under drop/<system>/, leaving the files there.

    A file that has not changed since it landed costs one `stat`.
    """
    sources = load_sources(settings)
    settings.drop.mkdir(parents=True, exist_ok=True)
    with SeenFiles(settings) as seen:
        arrivals = [
            Arrival(path, _source_of(settings, sources, path, None))
            for path in walk([settings.drop])
        ]
        fresh = [arrival for arrival in arrivals if not seen.has(arrival)]
        landed = _land(settings, fresh, now, beside=arrivals)
        for arrival, answer in zip(fresh, landed, strict=True):
            seen.note(arrival, answer)
    return landed


def _land(
    settings: Settings,
    arrivals: Sequence[Arrival],
    now: Clock,
    beside: Sequence[Arrival] | None = None,
) -> list[LandedFile]:
    if not arrivals:
        return []
    settings.batches.mkdir(parents=True, exist_ok=True)
    sweep(settings)
    run = LandingRun(settings, tuple(beside or arrivals), lambda: utc(now()))
    return [land_file(run, arrival) for arrival in arrivals]


def _source_of(
    settings: Settings, sources: dict[str, Source], path: Path, system: str | None
) -> Source:
    if system is None and path.is_relative_to(settings.drop):
        system = path.relative_to(settings.drop).parts[0]
        system = system if (settings.drop / system).is_dir() else None
    known = sources.get(system or NATIVE)
    return known or sources[NATIVE].under_another_name(system or NATIVE)
