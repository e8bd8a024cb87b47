"""Loads what the careful parser splits into DuckDB, a portion at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from ingestion.landing.reading import Parsed, Reader, publish
from ingestion.landing.rejections import FileRejectedError, Rejection
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


def load_carefully(
    reader: Reader, splits: Iterator[Split], columns: tuple[str, ...], *, has_header: bool
) -> Parsed:
    """Load every readable record and keep the others as rejections.

    Raises FileRejectedError when a byte of the file belongs to no record.
    """
    names = ", ".join(f"{identifier(name)} varchar" for name in columns)
    reader.connection.execute(
        f"create or replace table {reader.table} ({_NUMBER} bigint, {_TEXT} varchar, {names})"
    )
    number, byte_count = -1 if has_header else 0, 0
    portion, rejections = _Portion(), list[Rejection]()
    for split in splits:
        byte_count += split.byte_count
        if split.fields is None and split.rule is None:
            continue
        number += 1
        if number == 0:
            continue
        if split.rule is not None:
            rejections.append(
                Rejection(number, "", split.rule, f"{split.reason or ''}", split.text)
            )
            continue
        portion.numbers.append(number)
        portion.texts.append(split.text)
        portion.fields.append(_in_order(split, columns))
        if len(portion.numbers) == _PORTION:
            _insert(reader, portion, len(columns))
            portion = _Portion()
    _insert(reader, portion, len(columns))
    if byte_count != reader.path.stat().st_size:
        raise FileRejectedError("miscounted", f"{reader.file_name} could not be read to its end")
    publish(reader, columns, _NUMBER)
    return Parsed(
        reader.relation, columns, number, tuple(rejections), lambda wanted: _texts(reader, wanted)
    )


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
