"""What every verb shares: its options, how it answers, and how it fails."""

import errno
import json
import os
import sys
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ingestion.settings import Settings

_UNBOUNDED = 10_000  # columns
_NO_PLACE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="TRUESTOCK_HOME",
        help="The folder that holds everything Truestock owns.",
        show_default=".truestock",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON on standard output.")]


def settings_of(home: Path | None) -> "Settings":
    """Return the settings of a home; None is the default one."""
    from ingestion.settings import Settings

    return Settings.model_validate({} if home is None else {"home": home})


def home_of(home: Path | None) -> "Settings":
    """Return the settings of a home that exists; a mistyped one is not made, but said."""
    settings = settings_of(home)
    if not settings.drop.is_dir():
        raise fail(
            f"There is no home at {settings.root}. `truestock init --home {settings.root}` makes "
            "one; `truestock demo` fills one with a small company."
        )
    return settings


def out() -> "Console":
    """Return the console of answers: standard output, a file's or pipe's as wide as it takes."""
    from rich.console import Console

    is_narrow = get_terminal_size((0, 0)).columns > 0  # of a terminal, or as COLUMNS says
    return Console(highlight=False, width=None if is_narrow else _UNBOUNDED)


def err() -> "Console":
    """Return the console of progress and errors: standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def note(text: str) -> None:
    """Say how it goes, as plain text on standard error."""
    err().print(text, markup=False, soft_wrap=True)


def print_json(answer: object) -> None:
    """Print one JSON document; times in ISO 8601, paths and decimals as text."""
    sys.stdout.write(json.dumps(answer, indent=2, default=str, ensure_ascii=False) + "\n")


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    title: str = "",
    unbroken: Collection[str] = (),
) -> None:
    """Print rows as a table, every cell as plain text; `unbroken` columns keep to one line."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in unbroken)
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    out().print(table)


def print_pairs(pairs: Mapping[str, object]) -> None:
    """Print names and what they are, one a line."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        sys.stdout.write(f"{name:<{width}}  {value}\n")


@contextmanager
def answering() -> Generator[None]:
    """Turn a foreseen error into one message and exit code 1; anything else is a defect."""
    try:
        yield
    except _foreseen() as error:
        err().print(f"[bold red]Failed:[/] {_escaped(error)}", soft_wrap=True)
        raise typer.Exit(1) from error


def fail(message: str) -> typer.Exit:
    """Say what went wrong and return the exit to raise."""
    from rich.markup import escape

    err().print(f"[bold red]Failed:[/] {escape(message)}", soft_wrap=True)
    return typer.Exit(1)


def _escaped(error: BaseException) -> str:
    from rich.markup import escape

    if isinstance(error, OSError) and error.errno in _NO_PLACE and error.filename:
        return escape(
            f"{error.filename} cannot be used: {os.strerror(error.errno)}. Nothing was half-written"
            "; make the folder writable, or choose another with --home"
        )
    return escape(str(error) or type(error).__name__)


def _foreseen() -> tuple[type[Exception], ...]:
    import duckdb
    from pydantic import ValidationError

    from dagster_project.lib.dbt_build import DbtError
    from dagster_project.lib.explanation import NothingToExplainError
    from dagster_project.lib.publication import PublicationError
    from dagster_project.lib.sandbox import SandboxError
    from ingestion.commands.errors import CommandLogUnavailableError, PolicyError
    from ingestion.generations import (
        GenerationGoneError,
        NoGenerationError,
        NotAQueryError,
        UnknownRelationError,
    )
    from ingestion.landing.batches import UnknownBatchError
    from ingestion.landing.quarantine import NothingToRetryError
    from ingestion.landing.sources import SourceError, UnknownSourceError
    from ingestion.warehouse import WarehouseBusyError

    return (
        CommandLogUnavailableError,
        DbtError,
        GenerationGoneError,
        NoGenerationError,
        NotAQueryError,
        NothingToExplainError,
        NothingToRetryError,
        OSError,
        PolicyError,
        PublicationError,
        SandboxError,
        SourceError,
        UnknownBatchError,
        UnknownRelationError,
        UnknownSourceError,
        ValidationError,
        WarehouseBusyError,
        duckdb.Error,
    )
