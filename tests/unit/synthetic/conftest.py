from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from ingestion.contracts.feeds import CODES, FEEDS, LINEAGE, Kind
from ingestion.synthetic.generate import Generated, generate
from ingestion.synthetic.model import FaultRates, OperatingModel
from ingestion.synthetic.scenarios import OPERATING_MODELS, operating_model

END_AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
BAD_FILE = "order_lines-manual-entry.csv"
Rows = Callable[..., pl.DataFrame]


@pytest.fixture(scope="session")
def end_at() -> datetime:
    return END_AT


FLOORS = {site.system for model in OPERATING_MODELS.values() for site in model.sites}
FLOOR = "floor"


def troubled(scenario: str) -> OperatingModel:
    """Short of stock, with clumsy pickers and thieves: every rare path many times over."""
    usual = operating_model(scenario)
    faults = FaultRates(
        wrong_item=0.06, misplaced=0.06, shrinkage=0.1, return_not_restocked=0.3,
        fractional_rows=usual.faults.fractional_rows,
    )  # fmt: skip
    return replace(usual, faults=faults, ship_complete_rate=0.4, safety_factor=-2.0)


@pytest.fixture(
    scope="session", params=[*OPERATING_MODELS, *(f"troubled {name}" for name in OPERATING_MODELS)]
)
def model(request: pytest.FixtureRequest) -> OperatingModel:
    name = request.param.removeprefix("troubled ")
    return operating_model(name) if name == request.param else troubled(name)


@pytest.fixture(scope="session")
def small(model: OperatingModel, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    drop = tmp_path_factory.mktemp("synthetic") / "drop"
    is_usual = model in OPERATING_MODELS.values()
    return generate(drop, scenario=model, seed=7 if is_usual else 11, end_at=END_AT)


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
        elif kind is Kind.DATE and is_text:
            casts.append(pl.col(name).str.to_date())
        elif kind in {Kind.QUANTITY, Kind.INTEGER}:
            casts.append(pl.col(name).cast(pl.Int64))
        elif kind in {*CODES, Kind.CLOCK_TIME, Kind.TEXT}:
            casts.append(pl.col(name).cast(pl.String))
    return rows.with_columns(casts)


@pytest.fixture(scope="session")
def read_file() -> Callable[[Path], pl.DataFrame]:
    return read


def rows_of(generated: Generated) -> Rows:
    """Every sound row of a feed that one system (all floors, or all) wrote, by the contract.

    Quantities in cases are converted to eaches.
    """

    def read_feed(feed: str, system: str = "*") -> pl.DataFrame:
        wanted = FLOORS if system == FLOOR else {system}
        files = [
            path
            for path in generated.files
            if path.name.startswith(f"{feed}-")
            and path.name != BAD_FILE
            and not path.stem.endswith("-rolls")
            and (system == "*" or path.parent.name in wanted)
        ]
        found = pl.concat([typed(feed, read(path)) for path in files], how="diagonal_relaxed")
        return in_eaches(found, read_feed) if {"uom", "quantity"} <= set(found.columns) else found

    return read_feed


def in_eaches(rows: pl.DataFrame, read_feed: Rows) -> pl.DataFrame:
    packs = read_feed("products").select("sku", "case_pack")
    joined = rows.join(packs, on="sku", how="left", maintain_order="left")
    pack = pl.when(pl.col("uom") == "case").then("case_pack").otherwise(1)
    return joined.with_columns(pl.col("quantity") * pack).drop("case_pack", "uom")


@pytest.fixture(scope="session")
def rows(small: Generated) -> Rows:
    return rows_of(small)


@pytest.fixture(scope="session")
def wanted(rows: Rows) -> pl.DataFrame:
    """What each order line asks the floor for, kits exploded by the bill of their day."""
    placed = rows("orders").select("order_id", "placed_at").unique()
    lines = rows("order_lines").join(placed, on="order_id")
    if lines.filter(pl.col("sku").str.starts_with("SET-")).is_empty():
        return lines.select("order_id", "line_id", "sku", "quantity", kit=pl.lit(None, pl.String))
    bills = rows("bills_of_materials").rename({"quantity": "per_kit"})
    kits = lines.join(bills, left_on="sku", right_on="kit_sku").filter(
        (pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("placed_at")))
        & (pl.col("valid_to").is_null() | (pl.col("placed_at") < pl.col("valid_to")))
    )
    exploded = kits.select(
        "order_id", "line_id", sku="component_sku", quantity=pl.col("quantity") * pl.col("per_kit"),
        kit="sku",
    )  # fmt: skip
    plain = lines.join(bills, left_on="sku", right_on="kit_sku", how="anti")
    plain = plain.select("order_id", "line_id", "sku", "quantity", kit=pl.lit(None, pl.String))
    return pl.concat([plain, exploded])


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
    """The floors' own events as (at, location, sku, line, state, change), by the ledger's rules."""
    return wms_entries(rows)


def wms_entries(rows: Rows) -> pl.DataFrame:
    packs = rows("site_steps").filter(pl.col("step") == "pack")["location_id"].implode()
    steps = {
        "reserved": ("available", "reserved"), "unreserved": ("reserved", "available"),
        "picked": ("reserved", "picked"), "packed": ("picked", "packed"),
    }  # fmt: skip
    events = rows("fulfilment_events", FLOOR).with_columns(
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
                        lot_id="lot_id" if "lot_id" in source.columns else pl.lit(None, pl.String),
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
    receipts = rows("receipts", FLOOR)
    move(receipts.filter(pl.col("event_type") == "received"), None, "receiving")
    move(receipts.filter(pl.col("event_type") == "rejected"), "receiving", None)
    move(receipts.filter(pl.col("event_type") == "put_away"), "receiving", "available")
    transfers = rows("transfers", FLOOR)
    out = transfers.filter(pl.col("event_type") == "shipped")
    move(out.with_columns(location_id="from_location_id"), "available", None)
    move(
        transfers.filter(pl.col("event_type") == "received").with_columns(
            location_id="to_location_id"
        ),
        None,
        "receiving",
    )
    returns = rows("returns", FLOOR)
    move(returns.filter(pl.col("event_type") == "received"), None, "returned")
    move(returns.filter(pl.col("event_type") == "restocked"), "returned", "available")
    for disposition in ("damaged", "quarantined"):
        chosen = (pl.col("event_type") == "inspected") & (pl.col("disposition") == disposition)
        move(returns.filter(chosen), "returned", disposition)
    move(returns.filter(pl.col("event_type") == "scrapped"), "returned", None)
    adjustments = rows("adjustments", FLOOR)
    for _, moved in adjustments.group_by("from_state", "to_state", maintain_order=True):
        source, target = moved["from_state"][0], moved["to_state"][0]
        into = None if target == "scrapped" else target or "available"
        move(moved.with_columns(pl.col("quantity").abs() if source else "quantity"), source, into)
    return pl.concat(parts)
