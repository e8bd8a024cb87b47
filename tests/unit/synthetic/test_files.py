"""What lies in the drop folder: native files that keep the contracts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingestion.contracts.feeds import FEEDS
from ingestion.synthetic.generate import Generated, generate
from ingestion.synthetic.model import OperatingModel, UnknownScaleError, UnknownScenarioError
from ingestion.synthetic.scenarios import OPERATING_MODELS
from ingestion.synthetic.truth import TruthInsideDropError

LINEAGE = {"source_system", "source_event_key", "recorded_at"}
EVENT_FEEDS = {
    "adjustments": "occurred_at",
    "carrier_events": "occurred_at",
    "counts": "counted_at",
    "fulfilment_events": "occurred_at",
    "orders": "placed_at",
    "postings": "posted_at",
    "purchase_orders": "ordered_at",
    "receipts": "occurred_at",
    "returns": "occurred_at",
    "stock": "as_of",
    "transfers": "occurred_at",
    "worker_shifts": "ended_at",
}
MASTER_FEEDS = {"products", "locations", "site_steps", "supplier_products", "bins"}


def feed_of(path: Path) -> str:
    return path.name.split("-")[0]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("scenario", OPERATING_MODELS)
def test_the_same_seed_and_end_give_byte_identical_files(
    scenario: str, tmp_path: Path, end_at: datetime
):
    for run in ("first", "second"):
        generate(tmp_path / run / "drop", scenario=scenario, seed=3, end_at=end_at)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_another_seed_gives_another_business(
    small: Generated, model: OperatingModel, tmp_path: Path, end_at: datetime
):
    other = generate(tmp_path / "drop", scenario=model, seed=8, end_at=end_at)
    assert other.truth_path.read_bytes() != small.truth_path.read_bytes()


@pytest.mark.parametrize("scenario", OPERATING_MODELS)
@pytest.mark.parametrize(("scale", "target"), [("small", 20_000), ("medium", 500_000)])
def test_a_scale_has_its_number_of_events(
    scenario: str, scale: str, target: int, tmp_path: Path, end_at: datetime
):
    generated = generate(tmp_path / "drop", scenario=scenario, scale=scale, end_at=end_at)
    assert abs(generated.event_count - target) <= target * 0.2


def test_every_file_keeps_the_contract_of_the_feed_it_is_named_after(
    small: Generated, read_file: Callable[[Path], pl.DataFrame]
):
    for path in small.files:
        feed = FEEDS[feed_of(path)]
        columns = set(read_file(path).columns)
        assert set(feed.required) | LINEAGE <= columns, path.name
        assert columns <= set(feed.column_names) | LINEAGE, path.name


def test_every_row_but_the_planted_ones_has_what_its_contract_requires(
    rows: Callable[..., pl.DataFrame],
):
    for name in set(EVENT_FEEDS) | MASTER_FEEDS | {"order_lines"}:
        found = rows(name)
        for column in FEEDS[name].columns:
            values = found[column.name] if column.name in found.columns else None
            if column.required:
                assert values is not None
                assert values.null_count() == 0, f"{name}.{column.name}"
            if values is not None and column.choices:
                assert set(values.drop_nulls()) <= set(column.choices), f"{name}.{column.name}"
            if values is not None and column.minimum is not None:
                lowest = values.drop_nulls().cast(pl.Float64).min()
                assert lowest is None or lowest >= column.minimum, f"{name}.{column.name}"


def test_all_three_formats_and_all_systems_are_there(small: Generated, model: OperatingModel):
    assert {path.suffix for path in small.files} == {".csv", ".ndjson", ".parquet"}
    everywhere = {"master", "shop", "finance", "carrier", "time_clock"}
    floors = {site.system for site in model.sites}
    assert {path.parent.name for path in small.files} == everywhere | floors


def test_a_system_uses_a_key_once_unless_the_feed_may_be_revised(
    rows: Callable[..., pl.DataFrame],
):
    for name in EVENT_FEEDS:
        if not FEEDS[name].revisable:
            found = rows(name)
            assert found.select("source_system", "source_event_key").is_unique().all(), name


def test_no_system_reports_anything_after_the_end_or_before_it_happened(
    rows: Callable[..., pl.DataFrame], end_at: datetime
):
    end = end_at.replace(tzinfo=None)
    for name, time_column in EVENT_FEEDS.items():
        found = rows(name)
        assert found["recorded_at"].max() <= end, name
        assert (found["recorded_at"] >= found[time_column]).all(), name


def test_each_system_keeps_its_own_clock(rows: Callable[..., pl.DataFrame]):
    events = rows("fulfilment_events").filter(pl.col("event_type") == "shipped")
    lag = events.with_columns(lag=pl.col("recorded_at") - pl.col("occurred_at"))
    median = dict(lag.group_by("source_system").agg(pl.col("lag").median()).iter_rows())
    shop = median.pop("shop")
    assert max(median.values()) < timedelta(minutes=2) < shop < timedelta(hours=1)


def test_the_truth_lies_outside_the_drop_folder(small: Generated, drop: Path):
    assert not small.truth_path.is_relative_to(drop)
    assert set(drop.rglob("*.*")) == set(small.files)


def test_a_truth_folder_inside_the_drop_folder_is_refused(tmp_path: Path, end_at: datetime):
    drop = tmp_path / "drop"
    with pytest.raises(TruthInsideDropError, match="outside it"):
        generate(drop, end_at=end_at, truth=drop / "native" / "truth")
    assert not drop.exists()


def test_an_unknown_scenario_or_scale_is_named_with_the_choices(tmp_path: Path, end_at: datetime):
    with pytest.raises(UnknownScenarioError, match="Choose one of: dtc"):
        generate(tmp_path, scenario="drop_ship", end_at=end_at)
    with pytest.raises(UnknownScaleError, match="small, medium, large"):
        generate(tmp_path, scale="tiny", end_at=end_at)
