"""Writes native-format files: CSV, NDJSON or Parquet, by month where a feed is long."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

_BY_MONTH_FROM = 3_000
_PARQUET_FROM = 50_000
_TEXT_TIME = "%Y-%m-%dT%H:%M:%SZ"
_FORMATS = {
    ("wms", "fulfilment_events"): "parquet",
    ("wms", "stock"): "parquet",
    ("wms", "receipts"): "ndjson",
    ("wms", "returns"): "ndjson",
    ("wms", "adjustments"): "ndjson",
    ("wms", "transfers"): "ndjson",
    ("master", "products"): "ndjson",
}


@dataclass(frozen=True)
class Slice:
    """Rows of one file-to-be: the reports of one month, or of all."""

    label: str
    rows: pl.DataFrame


def slices(rows: pl.DataFrame, by: str) -> list[Slice]:
    """Sort rows by the epoch seconds in `by` and cut them by month, or leave few in one piece."""
    if not len(rows):
        return []
    rows = rows.sort(by, maintain_order=True)
    months = rows.select(month=pl.from_epoch(by).dt.strftime("%Y-%m"))["month"]
    first, last = months[0], months[-1]
    if len(rows) < _BY_MONTH_FROM or first == last:
        return [Slice(first if first == last else f"{first}-to-{last}", rows)]
    runs = months.rle().struct.unnest()
    starts = runs["len"].cum_sum() - runs["len"]
    return [
        Slice(month, rows.slice(start, length))
        for month, start, length in zip(runs["value"], starts, runs["len"], strict=True)
    ]


def write_feed(
    directory: Path, feed: str, label: str, rows: pl.DataFrame, *, voluminous: bool = False
) -> Path:
    """Write one file `<feed>-<label>.<format>` below directory/<system>, as its system would."""
    system = directory.name
    directory.mkdir(parents=True, exist_ok=True)
    kind = _FORMATS.get((system, feed), "csv")
    kind = "parquet" if voluminous else kind
    path = directory / f"{feed}-{label}.{kind}"
    if kind == "parquet":
        rows.write_parquet(path, compression="zstd", statistics=False)
    elif kind == "ndjson":
        as_text(rows).write_ndjson(path)
    else:
        as_text(rows).write_csv(path)
    return path


def is_voluminous(row_count: int) -> bool:
    """Whether a feed is so long that its system would send Parquet."""
    return row_count >= _PARQUET_FROM


def as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Timestamps spelled with their offset, money with its decimals, as text formats need."""
    return rows.with_columns(
        pl.selectors.datetime().dt.strftime(_TEXT_TIME),
        pl.selectors.decimal().cast(pl.String),
    )


def spelled(seconds: int) -> str:
    """Epoch seconds in ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).strftime(_TEXT_TIME)
