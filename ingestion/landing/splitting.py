"""The careful parser: one physical record at a time, so that a bad one never costs the others.

Every byte of the file belongs to exactly one record or blank line; `Split.byte_count` lets the
caller check that against the file's size.
"""

import csv
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

_CHUNK = 2**20


@dataclass(frozen=True)
class Split:
    """One physical record: its bytes (at most the limit), its fields, or the rule it breaks."""

    raw: bytes
    byte_count: int
    fields: dict[str, str | None] | list[str | None] | None
    rule: str | None = None
    reason: str | None = None

    @property
    def text(self) -> str:
        """The record as it stood in the file, without its line break."""
        return self.raw.rstrip(b"\r\n").decode(errors="backslashreplace")


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written; every record must have `width` fields, when given."""

    delimiter: str
    quote: str
    width: int | None
    limit: int


@dataclass(frozen=True)
class _Line:
    raw: bytes
    byte_count: int

    @property
    def is_blank(self) -> bool:
        return not self.raw.strip(b"\r\n")


class _Lines:
    """Lines of a file, each cut off at the limit, which can be put back."""

    def __init__(self, stream: BufferedReader, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._returned: deque[_Line] = deque()

    def __iter__(self) -> Iterator[_Line]:
        return self

    def __next__(self) -> _Line:
        if self._returned:
            return self._returned.popleft()
        raw = self._stream.readline(self._limit + 1)
        if not raw:
            raise StopIteration
        size = len(raw)
        if not raw.endswith(b"\n"):
            while rest := self._stream.readline(_CHUNK):
                size += len(rest)
                if rest.endswith(b"\n"):
                    break
        return _Line(raw, size)

    def put_back(self, lines: list[_Line]) -> None:
        self._returned.extendleft(reversed(lines))


def split_ndjson(path: Path, limit: int) -> Iterator[Split]:
    """Yield every line of a newline-delimited JSON file; blank lines have no fields and no rule."""
    with path.open("rb") as stream:
        for line in _Lines(stream, limit):
            yield _parse_object(line, limit)


def split_delimited(path: Path, dialect: Dialect) -> Iterator[Split]:
    """Yield every record of a delimited file.

    A quote that is never closed spoils its own line only: parsing resumes at the next one.
    """
    with path.open("rb") as stream:
        lines = _Lines(stream, dialect.limit)
        for line in lines:
            if line.is_blank:
                yield Split(line.raw, line.byte_count, None)
            else:
                yield _parse_delimited(line, lines, dialect)


def _parse_delimited(first: _Line, lines: _Lines, dialect: Dialect) -> Split:
    fault = _fault(first, dialect.limit)
    if fault:
        return Split(first.raw, first.byte_count, None, *fault)
    if not dialect.quote or dialect.quote.encode() not in first.raw:
        fields = first.raw.decode().rstrip("\r\n").split(dialect.delimiter)
        return _checked([first], fields, dialect)
    taken = [first]
    others = csv.field_size_limit(dialect.limit)  # the whole process's: given back below
    try:
        fields = next(
            csv.reader(
                _continued(taken, lines, dialect.limit),
                delimiter=dialect.delimiter,
                quotechar=dialect.quote,
                strict=True,
            )
        )
    except (csv.Error, StopIteration, UnicodeDecodeError) as error:
        lines.put_back(taken[1:])
        return Split(
            first.raw,
            first.byte_count,
            None,
            "broken_quoting",
            f"its quotes cannot be followed ({error}); double a quote inside a quoted field",
        )
    finally:
        csv.field_size_limit(others)
    checked = _checked(taken, fields, dialect)
    if checked.rule and len(taken) > 1:
        lines.put_back(taken[1:])
        return Split(first.raw, first.byte_count, None, checked.rule, checked.reason)
    return checked


def _continued(taken: list[_Line], lines: _Lines, limit: int) -> Iterator[str]:
    yield taken[0].raw.decode()
    size = taken[0].byte_count
    for line in lines:
        taken.append(line)
        size += line.byte_count
        if size > limit:
            raise csv.Error(f"it runs on past {limit} bytes")
        yield line.raw.decode()


def _checked(taken: list[_Line], fields: list[str], dialect: Dialect) -> Split:
    raw, size = b"".join(line.raw for line in taken), sum(line.byte_count for line in taken)
    if dialect.width is None or len(fields) == dialect.width:
        return Split(raw, size, [field or None for field in fields])
    rule = "too_few_fields" if len(fields) < dialect.width else "too_many_fields"
    reason = f"it has {len(fields)} fields where the file has {dialect.width} columns"
    return Split(raw, size, None, rule, reason)


def _fault(line: _Line, limit: int) -> tuple[str, str] | None:
    if line.byte_count > limit + 2:
        return "too_long", f"it has {line.byte_count} bytes; at most {limit} are read"
    if b"\0" in line.raw:
        return "unreadable", "it holds NUL bytes, so it is not text; send it again"
    try:
        text = line.raw.decode()
    except UnicodeDecodeError as error:
        return "undecodable", (
            f"it is not UTF-8 text ({error.reason} at byte {error.start}); send it again as UTF-8, "
            "or name its encoding in the source.yml of a source of your own, with "
            "`format: {encoding: …}`, and retry"
        )
    if "\r" in text.removesuffix("\n").removesuffix("\r"):
        return "stray_line_break", "a carriage return breaks it in the middle"
    return None


def _parse_object(line: _Line, limit: int) -> Split:
    if not line.raw.strip():
        return Split(line.raw, line.byte_count, None)
    fault = _fault(line, limit)
    if fault:
        return Split(line.raw, line.byte_count, None, *fault)
    try:
        value = json.loads(
            line.raw, object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=str
        )
    except (ValueError, RecursionError) as error:
        reason = f"it is not one JSON object ({error or 'nested too deeply'})"
        return Split(line.raw, line.byte_count, None, "unreadable", reason)
    if not isinstance(value, dict):
        reason = "it is JSON but not an object with named fields"
        return Split(line.raw, line.byte_count, None, "unreadable", reason)
    if any(isinstance(part, dict | list) for part in value.values()):
        nested = json.loads(line.raw)
        value = {k: nested[k] if isinstance(v, dict | list) else v for k, v in value.items()}
    return Split(line.raw, line.byte_count, {key: as_text(part) for key, part in value.items()})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is named twice")
    return fields


def as_text(value: object) -> str | None:
    """Return a JSON value as the text a mapping sees; nested values stay JSON."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
