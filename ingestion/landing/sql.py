"""Quoting of names and text for composed SQL."""

from collections.abc import Iterable
from pathlib import Path


def identifier(name: str) -> str:
    """Return a quoted SQL name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Return a quoted SQL text."""
    return "'" + str(text).replace("'", "''") + "'"


def literal_list(texts: Iterable[str]) -> str:
    """Return an SQL list of texts."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"
