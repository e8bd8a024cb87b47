"""Planted faults: each is in the truth, and claims are wrong by exactly what the truth says."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingestion.synthetic.claim_truth import CLAIM_TRUTH_FILE
from ingestion.synthetic.generate import Generated, generate
from ingestion.synthetic.model import FaultRates, OperatingModel, UnknownCauseError
from ingestion.synthetic.scenarios import operating_model

Rows = Callable[..., pl.DataFrame]
KEYS = ["location_id", "sku"]
SIGNS = {
    "shop": {
        ("fulfilment_events", "reserved"): -1, ("fulfilment_events", "unreserved"): 1,
        ("receipts", "put_away"): 1, ("returns", "restocked"): 1, ("transfers", "shipped"): -1,
    },
}  # fmt: skip


def shop_changes(rows: Rows) -> pl.DataFrame:
    """What the shop heard of the available stock, by its own clock."""
    parts: list[pl.DataFrame] = []
    for (feed, event), sign in SIGNS["shop"].items():
        found = rows(feed, "shop").filter(pl.col("event_type") == event)
        if feed == "transfers":
            found = found.with_columns(location_id="from_location_id")
        parts.append(found.select(*KEYS, at="recorded_at", change=pl.col("quantity") * sign))
    adjusted = rows("adjustments", "shop")
    broken = pl.col("from_state") == "available"
    change = pl.when(broken).then(-pl.col("quantity")).otherwise("quantity")
    return pl.concat([*parts, adjusted.select(*KEYS, at="recorded_at", change=change)])


def finance_changes(rows: Rows) -> pl.DataFrame:
    return rows("postings").select("sku", at="recorded_at", change="quantity")


def sums_at(claims: pl.DataFrame, changes: pl.DataFrame, keys: list[str]) -> pl.Series:
    """The sum of changes up to each claim's as_of, in claim order."""
    known = changes.sort("at").with_columns(pl.col("change").cum_sum().over(keys))
    known = known.group_by(*keys, "at", maintain_order=True).last().sort("at")
    asked = claims.with_row_index("asked").sort("as_of")
    joined = asked.join_asof(known, left_on="as_of", right_on="at", by=keys, check_sortedness=False)
    return joined.sort("asked")["change"].fill_null(0)


def active(claims: pl.DataFrame, faults: pl.DataFrame, keys: list[str]) -> pl.Series:
    """The sum of the faults that last at each claim's as_of, in claim order."""
    begun = faults.select(*keys, at="from_at", change="quantity")
    ended = faults.filter(pl.col("to_at").is_not_null()).select(
        *keys, at="to_at", change=-pl.col("quantity")
    )
    return sums_at(claims, pl.concat([begun, ended]), keys)


SILENT = ["manual_override", "unexplained"]
NO_CLAIM = ["bad_row", "fractional_conversion", "overlooked_pick"]


def test_every_kind_of_fault_is_planted(truth: pl.DataFrame, model: OperatingModel):
    everywhere = {
        "sync_delay", "missing_receipt", "missing_shipment", "missing_adjustment", "wrong_item",
        "return_not_restocked", "unit_conversion",
        "duplicate_event", "manual_override", "shrinkage", "product_mapping", "bad_row",
        "overlooked_pick",
    }  # fmt: skip
    often = {
        "missing_return", "missing_transfer", "return_restocked_twice", "condition_mismatch",
        "wrong_location", "unexplained",
        "restocked_without_receipt",
    }  # fmt: skip
    if model.handles_cases:
        everywhere |= {"fractional_conversion", "kit_explosion"}
    assert everywhere <= set(truth["cause"]) <= everywhere | often
    assert truth["fault_id"].is_unique().all()


def test_every_fault_names_its_effect_and_when_it_began(truth: pl.DataFrame):
    faults = truth.filter(~pl.col("cause").is_in(NO_CLAIM))
    for column in ("system", "location_id", "sku", "quantity", "from_at", "quantity_kinds"):
        assert faults[column].null_count() == 0, column
    assert (faults["quantity"] != 0).all()
    assert (faults["to_at"] > faults["from_at"]).all()


def test_the_shop_claims_what_it_heard_plus_its_overrides(rows: Rows, truth: pl.DataFrame):
    claims = rows("stock", "shop").filter(pl.col("quantity_kind") == "available")
    overrides = truth.filter(pl.col("cause").is_in(SILENT) & (pl.col("system") == "shop"))
    expected = sums_at(claims, shop_changes(rows), KEYS) + active(claims, overrides, KEYS)
    transfers = rows("receipts", "shop")["reason"].str.starts_with("TR-").any()
    assert transfers
    assert claims["quantity"].to_list() == expected.to_list()


def test_each_channel_lists_what_all_sites_have(rows: Rows, model: OperatingModel):
    claims = rows("stock", "shop")
    total = claims.filter(pl.col("quantity_kind") == "available")
    total = total.group_by("as_of", "sku").agg(pl.col("quantity").sum().alias("total"))
    listed = claims.filter(pl.col("quantity_kind") == "sellable_listed").join(
        total, on=["as_of", "sku"], how="left"
    )
    assert set(listed["channel_id"]) == {channel.channel_id for channel in model.channels}
    assert (listed["quantity"] == listed["total"]).all()


def test_finance_claims_what_it_posted_plus_its_overrides(rows: Rows, truth: pl.DataFrame):
    claims = rows("stock", "finance")
    faults = truth.filter(pl.col("cause").is_in(SILENT) & (pl.col("system") == "finance"))
    expected = sums_at(claims, finance_changes(rows), ["sku"]) + active(claims, faults, ["sku"])
    assert claims["quantity"].to_list() == expected.to_list()


@dataclass(frozen=True)
class ClaimKind:
    system: str
    kind: str
    states: tuple[str, ...]
    quiet: timedelta


@pytest.mark.parametrize(
    "claimed",
    [
        ClaimKind("shop", "available", ("available",), timedelta(hours=5)),
        ClaimKind("finance", "booked", (), timedelta(days=2)),
        ClaimKind("floor", "on_hand", (), timedelta(minutes=15)),
        ClaimKind("floor", "available", ("available",), timedelta(minutes=15)),
    ],
    ids=lambda claimed: f"{claimed.system}-{claimed.kind}",
)
def test_without_recent_events_a_claim_is_wrong_by_exactly_its_faults(
    claimed: ClaimKind, rows: Rows, wms_moves: pl.DataFrame, truth: pl.DataFrame
):
    claims = rows("stock", claimed.system).filter(pl.col("quantity_kind") == claimed.kind)
    systems = claims["system"].unique().implode()
    keys = KEYS if claims["location_id"].null_count() == 0 else ["sku"]
    states = claimed.states or tuple(wms_moves["state"].unique())
    moves = wms_moves.filter(pl.col("state").is_in(states))
    faults = truth.filter(
        pl.col("system").is_in(systems) & pl.col("quantity_kinds").list.contains(claimed.kind)
    )
    verdict = claims.with_columns(
        wrong=claims["quantity"] - sums_at(claims, moves, keys),
        planted=active(claims, faults, keys),
        is_recent=recently_moved(claims, moves, keys, claimed.quiet),
    )
    calm = verdict.filter(~pl.col("is_recent"))
    assert len(calm) > len(claims) / 4
    assert calm["wrong"].to_list() == calm["planted"].to_list()
    assert (calm["planted"] != 0).any()


def recently_moved(
    claims: pl.DataFrame, moves: pl.DataFrame, keys: list[str], quiet: timedelta
) -> pl.Series:
    counted = moves.with_columns(change=pl.lit(1, pl.Int64))
    now = sums_at(claims, counted, keys)
    before = sums_at(claims.with_columns(pl.col("as_of") - quiet), counted, keys)
    return now > before


def test_a_share_of_claims_is_faulty(rows: Rows, truth: pl.DataFrame):
    claims = rows("stock", "shop").filter(pl.col("quantity_kind") == "available")
    faults = truth.filter(pl.col("system") == "shop", ~pl.col("cause").is_in(NO_CLAIM))
    share = (active(claims, faults, KEYS) != 0).mean()
    assert 0.03 < share < 0.5


def test_a_double_report_has_another_key_and_the_same_content(rows: Rows, truth: pl.DataFrame):
    doubled = truth.filter((pl.col("cause") == "duplicate_event") & (pl.col("system") == "finance"))
    keys = doubled["event_keys"].list.last()
    postings = rows("postings")
    again = postings.filter(pl.col("source_event_key").is_in(keys.implode()))
    facts = ["reference_type", "reference_id", "sku", "quantity", "account"]
    assert len(again) > 0
    pairs = again.join(postings, on=facts)
    assert (pairs.group_by("source_event_key").len()["len"] >= 2).all()


def test_a_forgotten_return_is_on_sale_in_the_shop_before_the_site_restocks_it(
    rows: Rows, truth: pl.DataFrame
):
    faults = truth.filter(pl.col("cause") == "return_not_restocked")
    received = faults.select(source_event_key=pl.col("event_keys").list.first(), to_at="to_at")
    returns = rows("returns", "floor").join(received, on="source_event_key")
    assert set(returns["event_type"]) == {"received"}
    restocked = rows("returns", "floor").filter(pl.col("event_type") == "restocked")
    both = returns.join(restocked, on="return_id")
    assert (both["to_at"] == both["occurred_at_right"]).all()
    open_ones = returns.filter(pl.col("to_at").is_null())
    assert open_ones.join(restocked, on="return_id").is_empty()


def test_a_wrong_parcel_weighs_what_was_really_sent(rows: Rows, truth: pl.DataFrame):
    packaging = 140
    weights = rows("products").select("sku", "weight_g")
    picked_wrong = (pl.col("cause") == "wrong_item") & pl.col("quantity_kinds").list.contains(
        "count"
    )
    sent = truth.filter(picked_wrong & (pl.col("quantity") < 0))
    picked = rows("fulfilment_events", "floor").join(
        sent.select(source_event_key=pl.col("event_keys").list.first(), sent_sku="sku"),
        on="source_event_key",
    )
    parcels = rows("fulfilment_events", "floor").filter(pl.col("event_type") == "shipped")
    parcel_of = ["order_id", "line_id", "quantity", "location_id"]
    parcels = parcels.filter(pl.struct(parcel_of).is_unique())
    parcels = picked.join(parcels, on=parcel_of)
    parcels = parcels.join(weights, left_on="sent_sku", right_on="sku")
    assert (parcels["sku"] != parcels["sent_sku"]).all()
    expected = parcels["weight_g"] * parcels["quantity"] * 100 // 98 + packaging
    assert len(parcels) >= len(sent) / 2
    assert parcels["parcel_weight_g_right"].to_list() == expected.to_list()


def test_a_pick_overlooked_is_told_as_short_and_found_by_the_next_count(
    rows: Rows, truth: pl.DataFrame
):
    planted = truth.filter(pl.col("cause") == "overlooked_pick")
    short = rows("fulfilment_events", "floor").join(
        planted.select(source_event_key=pl.col("event_keys").list.first()), on="source_event_key"
    )
    assert set(short["event_type"]) == {"short_picked"}
    assert len(short) == len(planted) > 0


def test_what_a_count_finds_of_a_and_b_items_is_counted_again_by_somebody_else(rows: Rows):
    counts = rows("counts")
    keys = [*KEYS, *({"lot_id"} & set(counts.columns))]
    again = counts.filter(pl.col("method") == "blind_recount").join(
        counts.filter(pl.col("method") != "blind_recount"), on=keys, suffix="_first"
    )
    same_day = again.filter(
        (pl.col("counted_at") - pl.col("counted_at_first")).is_between(
            timedelta(0), timedelta(minutes=20)
        )
    )
    assert len(same_day) == counts["method"].eq("blind_recount").sum() > 0
    assert (same_day["counter_id"] != same_day["counter_id_first"]).all()


def test_without_fault_rates_no_fault_is_planted(tmp_path: Path, end_at: datetime):
    honest = FaultRates(**{field.name: 0 for field in fields(FaultRates)})
    model = replace(operating_model("dtc"), faults=honest)
    generated = generate(tmp_path / "drop", scenario=model, end_at=end_at)
    assert generated.truth_path.read_text() == ""
    causes = pl.read_parquet(generated.truth_path.with_name(CLAIM_TRUTH_FILE))["cause"]
    assert set(causes) <= {"sync_delay", "cut_off"}
    assert "cut_off" in set(causes)


def test_bad_rows_are_few_and_known(
    small: Generated, truth: pl.DataFrame, read_file: Callable[[Path], pl.DataFrame]
):
    path = next(path for path in small.files if path.name == "order_lines-manual-entry.csv")
    planted = truth.filter(pl.col("cause") == "bad_row")
    found = read_file(path)
    bad = found.filter(pl.col("source_event_key").is_in(planted["event_keys"].explode().implode()))
    assert len(bad) == len(planted) == 5
    assert {"-2", "1.5"} <= set(bad["quantity"])
    assert len(found) < 30


@pytest.mark.parametrize(
    ("cause", "kept"),
    [
        ("sync_delay", {"sync_delay"}),
        ("wrong_item", {"wrong_item", "misbooked_item"}),
        ("wrong_location", {"misbooked_location"}),
    ],
)
def test_one_cause_can_be_planted_alone(cause: str, kept: set[str]) -> None:
    rates = FaultRates().only(cause)
    assert {each.name for each in fields(rates) if getattr(rates, each.name)} == {
        *kept, "misplaced", "bad_rows",
    }  # fmt: skip


def test_a_cause_that_nobody_plants_is_refused() -> None:
    with pytest.raises(UnknownCauseError, match="wrong_location"):
        FaultRates().only("misbooked_location")
