"""From a plain text file to a DuckDB relation of text columns and row numbers.

The fast path is DuckDB's own reader, told everything and left nothing to guess. It counts only
when an independent count agrees; else the careful parser reads the file again, record by record.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import duckdb

from ingestion.landing.careful import load_carefully
from ingestion.landing.counting import count_records, read_records
from ingestion.landing.reading import Parsed, Reader, publish, usable_columns
from ingestion.landing.rejections import FileRejectedError
from ingestion.landing.splitting import Dialect, Split, split_delimited, split_ndjson
from ingestion.landing.sql import identifier, literal, literal_list

_EXACT_DIGITS = "[0-9.]{17,}"


def parse_delimited(reader: Reader) -> Parsed:
    """Parse CSV or TSV; raises FileRejectedError for a header that cannot be used."""
    form = reader.form
    dialect = Dialect(form.delimiter or ",", form.quote, None, reader.limit)
    columns = _header(reader, dialect) if form.header else usable_columns(form.columns, reader)
    dialect = replace(dialect, width=len(columns))
    count = count_records(reader.path, form.quote)
    physical = count.records - form.header
    is_plain = count.is_regular and count.longest_bytes <= reader.limit and len(columns) > 1
    if not is_plain or not _read_csv(reader, columns, dialect, physical):
        splits = split_delimited(reader.path, dialect)
        return load_carefully(reader, splits, columns, has_header=form.header)
    publish(reader, columns, "rowid + 1")
    shift = 0 if form.header else 1

    def original(numbers: list[int]) -> dict[int, str]:
        texts = read_records(reader.path, form.quote, [number - shift for number in numbers])
        return {number + shift: text for number, text in texts.items()}

    return Parsed(reader.relation, columns, physical, (), original)


def parse_ndjson(reader: Reader) -> Parsed:
    """Parse newline-delimited JSON objects; the columns are all the names that occur."""
    count = count_records(reader.path, "")
    is_plain = count.is_regular and count.longest_bytes <= reader.limit
    columns = _read_ndjson(reader, count.records) if is_plain else None
    if columns is None:
        columns = _names_used(reader)
        splits = split_ndjson(reader.path, reader.limit)
        return load_carefully(reader, splits, columns, has_header=False)
    publish(reader, columns, "rowid + 1")

    def original(numbers: list[int]) -> dict[int, str]:
        texts = read_records(reader.path, "", [number - 1 for number in numbers])
        return {number + 1: text for number, text in texts.items()}

    return Parsed(reader.relation, columns, count.records, (), original)


def _header(reader: Reader, dialect: Dialect) -> tuple[str, ...]:
    splits: Iterator[Split] = split_delimited(reader.path, dialect)
    first = next((split for split in splits if split.fields or split.rule), None)
    if first is None:
        raise FileRejectedError("empty_file", f"{reader.file_name} has no header")
    if not isinstance(first.fields, list):
        raise FileRejectedError(
            "wrong_header", f"the header of {reader.file_name} cannot be read: {first.reason}"
        )
    columns = usable_columns(tuple((name or "").strip() for name in first.fields), reader)
    present = {name.lower() for name in columns}
    absent = [name for name in reader.form.columns if name.lower() not in present]
    if absent:
        raise FileRejectedError(
            "wrong_header",
            f"{reader.file_name} lacks the columns {', '.join(absent)}; "
            f"its header is: {', '.join(columns)}",
        )
    return columns


def _read_csv(reader: Reader, columns: tuple[str, ...], dialect: Dialect, physical: int) -> bool:
    """Read with DuckDB into the reader's table; False when it fails or the counts do not tie."""
    types = ", ".join(f"'c{n}': 'varchar'" for n in range(len(columns)))
    names = ", ".join(f"c{n} as {identifier(name)}" for n, name in enumerate(columns))
    sql = f"""
        create or replace table {reader.table} as
        select {names} from read_csv(
            {literal(reader.path)}, columns = {{{types}}}, auto_detect = false,
            delim = {literal(dialect.delimiter)}, quote = {literal(dialect.quote)},
            escape = {literal(dialect.quote)}, header = {str(reader.form.header).lower()},
            strict_mode = true, null_padding = false, max_line_size = {dialect.limit}
        )"""
    with suppress(duckdb.Error):
        reader.connection.execute(sql)
        return reader.count_rows(reader.table) == physical
    return False


def _read_ndjson(reader: Reader, physical: int) -> tuple[str, ...] | None:
    """Read with DuckDB into the reader's table; None when anything about the file is unusual."""
    lines = f"{reader.relation}_lines"
    with suppress(duckdb.Error):
        reader.connection.execute(_lines_sql(reader, lines))
        if reader.count_rows(lines) != physical or _has_odd_lines(reader, lines):
            return None
        names = reader.connection.execute(
            f"select distinct unnest(json_keys(line)) as name from {lines} order by name"
        ).fetchall()
        columns = tuple(str(name) for (name,) in names)
        if any('"' in name or "\\" in name for name in columns):
            return None
        columns = usable_columns(columns, reader)
        paths = literal_list(f'$."{name}"' for name in columns)
        fields = ", ".join(
            f"fields[{n}] as {identifier(name)}" for n, name in enumerate(columns, 1)
        )
        reader.connection.execute(
            f"create or replace table {reader.table} as select {fields} from "
            f"(select json_extract_string(line, {paths}) as fields from {lines})"
        )
        reader.connection.execute(f"drop table {lines}")
        return columns
    return None


def _lines_sql(reader: Reader, lines: str) -> str:
    return f"""
        create or replace table {lines} as
        select line from read_csv(
            {literal(reader.path)}, columns = {{'line': 'varchar'}}, auto_detect = false,
            delim = '\x01', quote = '', escape = '', header = false, strict_mode = true,
            max_line_size = {reader.limit}
        ) where line <> ''"""


def _has_odd_lines(reader: Reader, lines: str) -> bool:
    """Whether a line is no object, repeats a name, or holds more digits than a double keeps."""
    row = reader.connection.execute(
        f"""select bool_or(
            not coalesce(json_valid(line) and json_type(line) = 'OBJECT', false)
            or regexp_matches(line, '{_EXACT_DIGITS}')
            or len(json_keys(line)) > len(list_distinct(json_keys(line)))
        ) from {lines}"""
    ).fetchone()
    return bool(row and row[0])


def _names_used(reader: Reader) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for split in split_ndjson(reader.path, reader.limit):
        if isinstance(split.fields, dict):
            names |= dict.fromkeys(split.fields)
    if not names:
        raise FileRejectedError(
            "unreadable", f"{reader.file_name} holds no JSON object; send one object per line"
        )
    return usable_columns(tuple(names), reader)
