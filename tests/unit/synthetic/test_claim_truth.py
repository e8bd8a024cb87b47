"""The truth explains every claim to the unit: its causes sum to claimed minus ledger."""

from collections.abc import Callable

import polars as pl
import pytest

from ingestion.synthetic.claim_truth import CLAIM_TRUTH_FILE
from ingestion.synthetic.generate import Generated

Rows = Callable[..., pl.DataFrame]
PLACE = ["location_id", "sku"]
CLAIM = ["system", "as_of", "sku", "quantity_kind", "location_id", "channel_id"]


@pytest.fixture(scope="session")
def causes(small: Generated) -> pl.DataFrame:
    return pl.read_parquet(small.truth_path.with_name(CLAIM_TRUTH_FILE))


@pytest.fixture(scope="session")
def claims(rows: Rows) -> pl.DataFrame:
    return rows("stock").with_columns(pl.col("location_id", "channel_id").cast(pl.String))


def ledger_at(claims: pl.DataFrame, moves: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Claims with the sum of the moves about their keys up to their as_of."""
    sums = moves.sort("at").with_columns(ledger=pl.col("change").cum_sum().over(by))
    sums = sums.group_by(*by, "at", maintain_order=True).agg(pl.col("ledger").last()).sort("at")
    return claims.sort("as_of").join_asof(
        sums, left_on="as_of", right_on="at", by=by, check_sortedness=False
    ).with_columns(pl.col("ledger").fill_null(0))  # fmt: skip


@pytest.fixture(scope="session")
def variances(claims: pl.DataFrame, wms_moves: pl.DataFrame) -> pl.DataFrame:
    parts: list[pl.DataFrame] = []
    for (kind,), asked in claims.group_by("quantity_kind", maintain_order=True):
        is_sellable = kind in {"available", "sellable_listed"}
        moves = wms_moves.filter(pl.col("state") == "available") if is_sellable else wms_moves
        by = ["sku"] if asked["location_id"].null_count() else PLACE
        parts.append(ledger_at(asked, moves, by).select(*CLAIM, "quantity", "ledger"))
    return pl.concat(parts).with_columns(variance=pl.col("quantity") - pl.col("ledger"))


def test_the_causes_of_every_claim_sum_to_its_variance(
    variances: pl.DataFrame, causes: pl.DataFrame
):
    stock = causes.filter(pl.col("quantity_kind") != "count")
    summed = stock.group_by(CLAIM).agg(explained=pl.col("quantity").sum())
    joined = variances.join(summed, on=CLAIM, how="full", nulls_equal=True, coalesce=True)
    assert joined["quantity"].null_count() == 0
    assert joined["variance"].to_list() == joined["explained"].fill_null(0).to_list()
    assert (joined["variance"] != 0).mean() > 0.05


def test_the_causes_of_every_count_sum_to_what_it_found(
    rows: Rows, wms_moves: pl.DataFrame, causes: pl.DataFrame
):
    counts = rows("counts").rename({"counted_at": "as_of"})
    by = [*PLACE, *({"lot_id"} & set(counts.columns))]
    found = ledger_at(counts, wms_moves, by)
    found = found.with_columns(variance=pl.col("counted_quantity") - pl.col("ledger"))
    counted = causes.filter(pl.col("quantity_kind") == "count")
    assert set(counted["cause"]) == {"shrinkage", "wrong_item"}
    summed = counted.group_by(*by, "as_of").agg(explained=pl.col("quantity").sum())
    joined = found.join(summed, on=[*by, "as_of"], how="left")
    assert joined["variance"].to_list() == joined["explained"].fill_null(0).to_list()


def test_a_claim_has_a_cause_once_and_never_for_nothing(causes: pl.DataFrame):
    assert causes.select(*CLAIM, "lot_id", "cause").is_unique().all()
    assert (causes["quantity"] != 0).all()


def test_causes_overlap_on_some_claims(causes: pl.DataFrame):
    per_claim = causes.group_by(*CLAIM, "lot_id").len()["len"]
    assert (per_claim >= 2).sum() > 10
