"""Parsers of files that are whole documents: JSON arrays, Parquet and Excel."""

import json
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import fastexcel
import polars as pl
import pyarrow.parquet as pq
from pyarrow import ArrowException

from ingestion.landing.parsing import parse_ndjson
from ingestion.landing.reading import Parsed, Reader, publish, usable_columns
from ingestion.landing.rejections import FileRejectedError
from ingestion.landing.sql import identifier, literal

_MAX_DOCUMENT_BYTES = 64 * 2**20
_BLANK = " \t\r\n"


def parse_json(reader: Reader) -> Parsed:
    """Parse a JSON array of objects, or one object, as if it had come one object a line.

    A document that breaks off is rejected whole: there is no telling what it lost.
    """
    if reader.path.stat().st_size > _MAX_DOCUMENT_BYTES:
        raise FileRejectedError(
            "too_large",
            f"{reader.file_name} is one JSON document of more than {_MAX_DOCUMENT_BYTES} bytes; "
            "send one object per line (.ndjson) instead",
        )
    lines = reader.work / f"{reader.relation}.ndjson"
    try:
        with lines.open("w", encoding="utf-8") as stream:
            for element in _elements(reader.path.read_text("utf-8")):
                stream.write(element.replace("\r", " ").replace("\n", " ") + "\n")
    except (ValueError, RecursionError) as error:
        raise FileRejectedError(
            "unreadable", f"{reader.file_name} is not a whole JSON document ({error})"
        ) from error
    return parse_ndjson(replace(reader, path=lines))


def _elements(text: str) -> Iterator[str]:
    decoder, at = json.JSONDecoder(), _skip(text, 0, _BLANK)
    if not text.startswith("[", at):
        end = decoder.raw_decode(text, at)[1]
        _expect_end(text, end)
        yield text[at:end]
        return
    at = _skip(text, at + 1, _BLANK)
    while not text.startswith("]", at):
        end = decoder.raw_decode(text, at)[1]
        yield text[at:end]
        at = _skip(text, end, _BLANK)
        if text.startswith(",", at):
            at = _skip(text, at + 1, _BLANK)
        elif not text.startswith("]", at):
            raise ValueError(f"the array breaks off at character {at}")
    _expect_end(text, at + 1)


def _expect_end(text: str, at: int) -> None:
    if _skip(text, at, _BLANK) < len(text):
        raise ValueError(f"something follows its end at character {at}")


def _skip(text: str, at: int, blank: str) -> int:
    while at < len(text) and text[at] in blank:
        at += 1
    return at


def parse_parquet(reader: Reader) -> Parsed:
    """Parse Parquet, every value as text; the count comes from the file's own footer."""
    try:
        footer = pq.read_metadata(reader.path)
        columns = usable_columns(tuple(pq.read_schema(reader.path).names), reader)
        fields = ", ".join(
            f"cast({name} as varchar) as {name}" for name in map(identifier, columns)
        )
        reader.connection.execute(
            f"create or replace table {reader.table} as "
            f"select {fields} from read_parquet({literal(reader.path)}, hive_partitioning = false)"
        )
    except (ArrowException, OSError, duckdb.Error) as error:
        raise FileRejectedError(
            "unreadable", f"{reader.file_name} is not a whole Parquet file ({error})"
        ) from error
    if reader.count_rows(reader.table) != footer.num_rows:
        raise FileRejectedError(
            "miscounted", f"{reader.file_name} holds fewer rows than its footer says"
        )
    publish(reader, columns, "rowid + 1")
    return Parsed(reader.relation, columns, footer.num_rows, (), lambda n: _as_json(reader, n))


def parse_excel(reader: Reader) -> Parsed:
    """Parse one sheet of a workbook, its first row as the header, every cell as text."""
    try:
        workbook = fastexcel.read_excel(reader.path)
        sheet = workbook.load_sheet(reader.form.sheet or 0, header_row=None, dtypes="string")
        cells = sheet.to_polars()
    except fastexcel.FastExcelError as error:
        raise FileRejectedError(
            "unreadable",
            f"{reader.file_name} cannot be read as a workbook "
            f"({str(error).partition(chr(10))[0]}); open it and save it as .xlsx again",
        ) from error
    if cells.is_empty():
        raise FileRejectedError("empty_file", f"{reader.file_name} has no rows in its sheet")
    names = tuple(str(name or "").strip() for name in cells.row(0))
    columns = usable_columns(names, reader)
    rows = cells.slice(1).rename(dict(zip(cells.columns, columns, strict=True)))
    rows = rows.filter(~pl.all_horizontal(pl.all().is_null()))
    reader.connection.register("portion", rows.to_arrow())
    reader.connection.execute(f"create or replace table {reader.table} as select * from portion")
    reader.connection.unregister("portion")
    publish(reader, columns, "rowid + 1")
    return Parsed(reader.relation, columns, len(rows), (), lambda n: _as_json(reader, n))


def _as_json(reader: Reader, wanted: list[int]) -> dict[int, str]:
    numbers = ", ".join(str(int(number)) for number in wanted)
    rows = reader.connection.execute(
        f"select rowid + 1, to_json({reader.table})::varchar from {reader.table} "
        f"where rowid + 1 in ({numbers})"
    )
    return dict(rows.fetchall())
