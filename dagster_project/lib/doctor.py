"""What `truestock doctor` examines, and the audit of the command log."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import duckdb

from ingestion.commands.errors import CommandLogUnavailableError
from ingestion.commands.log import open_command_log
from ingestion.commands.model import BadEntry, Head
from ingestion.generations import NoGenerationError, current, open_current
from ingestion.landing.sources import SourceError, load_sources
from ingestion.settings import Settings
from ingestion.warehouse import WarehouseBusyError, exclusive

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations", "streamlit")
OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """One thing examined: whether it is fine, and what was found or is to be done."""

    name: str
    is_fine: bool
    detail: str


@dataclass(frozen=True)
class Verdict:
    """How the command log's chain stands; `bad` is the first entry that does not hold."""

    entries: int
    head: str
    bad: BadEntry | None


def fine(name: str, detail: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(name, is_fine=True, detail=detail)


def broken(name: str, detail: str) -> Finding:
    """Return that a thing must be mended, and how."""
    return Finding(name, is_fine=False, detail=detail)


def verify_chain(settings: Settings) -> Verdict:
    """Walk the chain, against the head of the last generation; truncation shows by that."""
    log = open_command_log(settings)
    try:
        head = log.head()
        return Verdict(head.sequence, head.hash, log.verify(_published_head(settings)))
    finally:
        log.close()


def examine(settings: Settings) -> list[Finding]:
    """Examine everything; a finding that is not fine says what to do."""
    return [finding for part in _PARTS for finding in part(settings)]


def _published_head(settings: Settings) -> Head | None:
    try:
        text = current(settings).manifest["command_log_head"]
    except NoGenerationError:
        return None
    sequence, _, digest = (text or "0:").partition(":")
    return Head(int(sequence), digest) if int(sequence) else None


def _installation(_: Settings) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= OLDEST_PYTHON, f"{found}, 3.11 or newer is needed")
    yield fine("packages", ", ".join(f"{name} {version(name)}" for name in PACKAGES))


def _home(settings: Settings) -> Iterator[Finding]:
    nearest = _existing(settings.root)
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        yield broken("home", f"{nearest} cannot be written: {error}. Choose another --home")
    else:
        yield fine("home", f"{settings.root} can be written")
    free = shutil.disk_usage(nearest).free
    yield Finding(
        "disk", free >= LEAST_FREE_BYTES, f"{free / 2**30:.1f} GB free at {nearest}; 2 are needed"
    )


def _warehouse(settings: Settings) -> Iterator[Finding]:
    if not settings.warehouse.exists():
        yield fine("warehouse", "not built yet: `truestock run` builds it")
        return
    try:
        with exclusive(settings, patience_seconds=0):
            duckdb.connect(str(settings.warehouse), read_only=True).close()
    except WarehouseBusyError:
        yield fine("warehouse", "a pipeline is writing it right now")
    except OSError as error:
        yield broken(
            "warehouse",
            f"{settings.warehouse} cannot be locked for writing ({error.strerror}). Make its "
            "folder writable, or choose another --home",
        )
    except duckdb.Error as error:
        yield broken(
            "warehouse",
            f"{settings.warehouse} does not open: {error}. Stop whatever holds it; if it is "
            "damaged, delete it and run `truestock run`: it is rebuilt from the batches",
        )
    else:
        yield fine("warehouse", f"{settings.warehouse.stat().st_size / 2**20:.0f} MB, free")


def _generation(settings: Settings) -> Iterator[Finding]:
    try:
        generation, connection = open_current(settings)
    except NoGenerationError:
        yield fine("generation", "none published yet: `truestock run` publishes the first")
        return
    except (OSError, ValueError, duckdb.Error) as error:
        yield broken("generation", f"CURRENT does not open: {error}. Publish anew: `truestock run`")
        return
    with connection:
        for relation in generation.manifest["relations"]:
            connection.execute(f'select count(*) from "{relation}"')
    yield fine("generation", f"{generation.number}, every relation opens")


def _commands(settings: Settings) -> Iterator[Finding]:
    try:
        verdict = verify_chain(settings)
    except (CommandLogUnavailableError, OSError) as error:
        yield broken("command log", str(error))
        return
    bad = verdict.bad
    detail = f"breaks at entry {bad.sequence}: {bad.cause}" if bad else "the chain holds"
    yield Finding("command log", bad is None, f"{verdict.entries} entries, {detail}")


def _sources(settings: Settings) -> Iterator[Finding]:
    try:
        systems = sorted(load_sources(settings))
    except SourceError as error:
        yield broken("sources", str(error))
    else:
        yield fine("sources", ", ".join(systems))


def _existing(path: Path) -> Path:
    while not path.exists() or not os.access(path, os.X_OK):
        path = path.parent
    return path


_PARTS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _installation,
    _home,
    _warehouse,
    _generation,
    _commands,
    _sources,
)
