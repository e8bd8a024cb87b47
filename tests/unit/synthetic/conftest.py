from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from ingestion.contracts.feeds import FEEDS, LINEAGE, Kind
from ingestion.synthetic.generate import Generated, generate
from ingestion.synthetic.model import FaultRates, OperatingModel, operating_model

END_AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
BAD_FILE = "order_lines-manual-entry.csv"
Rows = Callable[..., pl.DataFrame]


@pytest.fixture(scope="session")
def end_at() -> datetime:
    return END_AT


def troubled_model() -> OperatingModel:
    """Short of stock, with clumsy pickers and thieves: every rare path many times over."""
    faults = FaultRates(wrong_item=0.06, misplaced=0.06, shrinkage=0.1, return_not_restocked=0.3)
    usual = operating_model("dtc")
    return replace(usual, faults=faults, ship_complete_rate=0.4, safety_factor=-2.0)


@pytest.fixture(scope="session", params=["usual", "troubled"])
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    drop = tmp_path_factory.mktemp("synthetic") / "drop"
    if request.param == "usual":
        return generate(drop, end_at=END_AT)
    return generate(drop, scenario=troubled_model(), seed=11, end_at=END_AT)


@pytest.fixture(scope="session")
def drop(small: Generated) -> Path:
    return small.files[0].parents[2]


@pytest.fixture(scope="session")
def truth(small: Generated) -> pl.DataFrame:
    faults = pl.read_ndjson(small.truth_path, infer_schema_length=None)
    return faults.with_columns(
        pl.col("from_at", "to_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"),
        location=pl.col("location_id"),
    )


def read(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    if path.suffix == ".ndjson":
        return pl.read_ndjson(path, infer_schema_length=None)
    return pl.read_csv(path, infer_schema=False)


def typed(feed: str, rows: pl.DataFrame) -> pl.DataFrame:
    kinds = {column.name: column.kind for column in (*FEEDS[feed].columns, *LINEAGE)}
    casts: list[pl.Expr] = []
    for name in rows.columns:
        kind, is_text = kinds[name], rows.schema[name] == pl.String
        if kind is Kind.TIMESTAMP and is_text:
            casts.append(pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ"))
        elif kind in {Kind.QUANTITY, Kind.INTEGER}:
            casts.append(pl.col(name).cast(pl.Int64))
        elif kind in {Kind.CODE, Kind.TEXT}:
            casts.append(pl.col(name).cast(pl.String))
    return rows.with_columns(casts)


@pytest.fixture(scope="session")
def read_file() -> Callable[[Path], pl.DataFrame]:
    return read


def rows_of(generated: Generated) -> Rows:
    """Every sound row of a feed that one system (or all) wrote, typed by the contract."""

    def read_feed(feed: str, system: str = "*") -> pl.DataFrame:
        files = [
            path
            for path in generated.files
            if path.name.startswith(f"{feed}-")
            and path.name != BAD_FILE
            and system in {"*", path.parent.name}
        ]
        return pl.concat([typed(feed, read(path)) for path in files], how="diagonal_relaxed")

    return read_feed


@pytest.fixture(scope="session")
def rows(small: Generated) -> Rows:
    return rows_of(small)


@pytest.fixture(scope="session")
def business(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., tuple[Rows, pl.DataFrame]]:
    """Generate a small business and return its rows and the WMS's moves."""

    def generated(
        seed: int, end: datetime, model: OperatingModel | str = "dtc"
    ) -> tuple[Rows, pl.DataFrame]:
        drop = tmp_path_factory.mktemp("business") / "drop"
        found = rows_of(generate(drop, scenario=model, seed=seed, end_at=end))
        return found, wms_entries(found)

    return generated


@pytest.fixture(scope="session")
def wms_moves(rows: Rows) -> pl.DataFrame:
    """The WMS's own events as (at, location, sku, line, state, change), by the ledger's rules."""
    return wms_entries(rows)


def wms_entries(rows: Rows) -> pl.DataFrame:
    packs = {"fc_east"}
    steps = {
        "reserved": ("available", "reserved"), "unreserved": ("reserved", "available"),
        "picked": ("reserved", "picked"), "packed": ("picked", "packed"),
    }  # fmt: skip
    events = rows("fulfilment_events", "wms").with_columns(
        line=pl.col("order_id") + "|" + pl.col("line_id")
    )
    parts: list[pl.DataFrame] = []

    def move(source: pl.DataFrame, from_state: str | None, to_state: str | None) -> None:
        for state, sign in ((from_state, -1), (to_state, 1)):
            if state is not None:
                parts.append(
                    source.select(
                        "location_id",
                        "sku",
                        "source_event_key",
                        at="occurred_at",
                        line="line" if "line" in source.columns else pl.lit(None, pl.String),
                        state=pl.lit(state),
                        change=pl.col("quantity") * sign,
                    )
                )

    for event, states in steps.items():
        move(events.filter(pl.col("event_type") == event), *states)
    shipped = events.filter(pl.col("event_type") == "shipped")
    move(shipped.filter(pl.col("location_id").is_in(packs)), "packed", None)
    move(shipped.filter(~pl.col("location_id").is_in(packs)), "picked", None)
    receipts = rows("receipts", "wms")
    move(receipts.filter(pl.col("event_type") == "received"), None, "receiving")
    move(receipts.filter(pl.col("event_type") == "rejected"), "receiving", None)
    move(receipts.filter(pl.col("event_type") == "put_away"), "receiving", "available")
    transfers = rows("transfers", "wms")
    out = transfers.filter(pl.col("event_type") == "shipped")
    move(out.with_columns(location_id="from_location_id"), "available", None)
    move(
        transfers.filter(pl.col("event_type") == "received").with_columns(
            location_id="to_location_id"
        ),
        None,
        "receiving",
    )
    returns = rows("returns", "wms")
    move(returns.filter(pl.col("event_type") == "received"), None, "returned")
    move(returns.filter(pl.col("event_type") == "restocked"), "returned", "available")
    for disposition in ("damaged", "quarantined"):
        chosen = (pl.col("event_type") == "inspected") & (pl.col("disposition") == disposition)
        move(returns.filter(chosen), "returned", disposition)
    move(returns.filter(pl.col("event_type") == "scrapped"), "returned", None)
    adjustments = rows("adjustments", "wms")
    move(adjustments.filter(pl.col("to_state") == "damaged"), "available", "damaged")
    move(adjustments.filter(pl.col("to_state").is_null()), None, "available")
    return pl.concat(parts)
