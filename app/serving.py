"""What the pages stand on: the current generation, the command log, who acts, and now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import streamlit as st

from app.queries.commands import Progress, progress
from app.queries.inventory import currency
from app.queries.reader import NOTHING, Reader
from ingestion.commands.log import CommandLog, open_command_log
from ingestion.contracts.vocabulary import Role
from ingestion.generations import Generation, GenerationGoneError, current, open_generation
from ingestion.settings import Settings

OPEN_GENERATIONS = 3
REMEMBERED_ANSWERS = 400


@dataclass(frozen=True)
class Identity:
    """Who acts; in local mode whoever they say they are."""

    actor: str
    role: Role


@dataclass(frozen=True)
class Tower:
    """Everything one page run needs."""

    settings: Settings
    reader: Reader
    log: CommandLog
    identity: Identity
    now: datetime

    @property
    def commands(self) -> list[Progress]:
        """Every command of the log and how far it has come, newest first."""
        return _progress(self.log.head().hash, self.reader.number, self)

    @property
    def currency(self) -> str:
        """The currency of sums of money; empty where products do not share one."""
        return currency(self.reader)

    def newest_generation(self) -> int:
        """The number that CURRENT points at now; newer than the page's after a publication."""
        return current(self.settings).number


class RememberingReader(Reader):
    """A reader that remembers its latest answers; a generation never changes."""

    def __init__(self, home: str, generation: Generation) -> None:
        super().__init__(generation, open_generation(generation))
        self._key = (home, generation.number)

    def frame(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pl.DataFrame:
        """Return the rows of one SELECT, from memory where it was asked before."""
        return _answer(self._key, sql, dict(parameters), self)

    def ask(self, sql: str, parameters: Mapping[str, object]) -> pl.DataFrame:
        """Return the rows of one SELECT from the generation itself."""
        return super().frame(sql, parameters)


def open_tower(settings: Settings, identity: Identity) -> Tower:
    """Return the tower on the current generation; raises NoGenerationError before the first."""
    reader = _current_reader(settings)
    return Tower(settings, reader, _command_log(settings.command_log, settings), identity, now())


def now() -> datetime:
    """The instant of this page run, UTC."""
    return datetime.now(UTC)


def _current_reader(settings: Settings) -> Reader:
    while True:
        number = current(settings).number
        try:
            return _reader(str(settings.root), number, settings)
        except GenerationGoneError:
            if current(settings).number == number:
                raise


@st.cache_resource(max_entries=OPEN_GENERATIONS, show_spinner=False)
def _reader(home: str, number: int, _settings: Settings) -> Reader:
    return RememberingReader(home, Generation(number, _settings.published / str(number)))


@st.cache_resource(max_entries=2, show_spinner=False)
def _command_log(_url: str, _settings: Settings) -> CommandLog:
    return open_command_log(_settings, now)


@st.cache_data(max_entries=REMEMBERED_ANSWERS, show_spinner=False)
def _answer(
    key: tuple[str, int], sql: str, parameters: dict[str, object], _reader: RememberingReader
) -> pl.DataFrame:
    del key
    return _reader.ask(sql, parameters)


@st.cache_data(max_entries=4, show_spinner=False)
def _progress(head: str, generation: int, _tower: Tower) -> list[Progress]:
    del head, generation
    return progress(_tower.log, _tower.reader)
