"""Loads what the careful parser splits into DuckDB, a portion at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from ingestion.landing.reading import Parsed, Reader, publish
from ingestion.landing.rejections import FileRejectedError, Rejection, check_bounded
from ingestion.landing.splitting import Split
from ingestion.landing.sql import identifier, literal

_PORTION = 20_000
_NUMBER, _TEXT = "_number", "_original"


@dataclass
class _Portion:
    """Readable records waiting for the next insert."""

    numbers: list[int] = field(default_factory=list[int])
    texts: list[str] = field(default_factory=list[str])
    fields: list[list[str | None]] = field(default_factory=list[list[str | None]])

    def add(self, number: int, split: Split, columns: tuple[str, ...]) -> None:
        self.numbers.append(number)
        self.texts.append(split.text)
        self.fields.append(_in_order(split, columns))


@dataclass
class _Tally:
    """How far the file has been read: the last record's number, and every byte."""

    number: int
    byte_count: int = 0


def load_carefully(
    reader: Reader, splits: Iterator[Split], columns: tuple[str, ...], *, has_header: bool
) -> Parsed:
    """Load every readable record and keep the others as rejections.

    Raises FileRejectedError when a byte of the file belongs to no record, or nearly all are bad.
    """
    names = ", ".join(f"{identifier(name)} varchar" for name in columns)
    reader.connection.execute(
        f"create or replace table {reader.table} ({_NUMBER} bigint, {_TEXT} varchar, {names})"
    )
    tally, rejections = _Tally(-1 if has_header else 0), list[Rejection]()
    portion = _Portion()
    for number, split in _numbered(splits, tally):
        if split.rule is not None:
            reason = split.reason or split.rule
            rejections.append(Rejection(number, "", split.rule, reason, split.text))
            check_bounded(len(rejections), reason)
        else:
            portion.add(number, split, columns)
        if len(portion.numbers) == _PORTION:
            _insert(reader, portion, len(columns))
            portion = _Portion()
    _insert(reader, portion, len(columns))
    if tally.byte_count != reader.path.stat().st_size:
        raise FileRejectedError("miscounted", f"{reader.file_name} could not be read to its end")
    publish(reader, columns, _NUMBER)
    original = partial(_texts, reader)
    return Parsed(reader.relation, columns, tally.number, tuple(rejections), original)


def _numbered(splits: Iterator[Split], tally: _Tally) -> Iterator[tuple[int, Split]]:
    """Number the records from 1, passing over the header and blank lines but counting bytes."""
    for split in splits:
        tally.byte_count += split.byte_count
        if split.fields is None and split.rule is None:
            continue
        tally.number += 1
        if tally.number > 0:
            yield tally.number, split


def _in_order(split: Split, columns: tuple[str, ...]) -> list[str | None]:
    if isinstance(split.fields, dict):
        return [split.fields.get(name) for name in columns]
    return split.fields or []


def _insert(reader: Reader, portion: _Portion, width: int) -> None:
    if not portion.numbers:
        return
    arrays = [pa.array(values, pa.string()) for values in zip(*portion.fields, strict=True)]
    rows = pa.table(
        [pa.array(portion.numbers, pa.int64()), pa.array(portion.texts, pa.string()), *arrays],
        [_NUMBER, _TEXT, *(f"c{n}" for n in range(width))],
    )
    reader.connection.register("portion", rows)
    reader.connection.execute(f"insert into {reader.table} select * from portion")
    reader.connection.unregister("portion")


def _texts(reader: Reader, wanted: list[int]) -> dict[int, str]:
    numbers = ", ".join(str(int(number)) for number in wanted) or literal("")
    rows = reader.connection.execute(
        f"select {_NUMBER}, {_TEXT} from {reader.table} where {_NUMBER} in ({numbers})"
    )
    return dict(rows.fetchall())
