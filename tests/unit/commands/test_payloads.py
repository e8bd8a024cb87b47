import csv
from pathlib import Path

import pytest
from pydantic import ValidationError

from ingestion.contracts.commands import (
    MOVES,
    PAYLOADS,
    RecordAdjustment,
    SetAllocationRule,
    SetChannelBuffer,
    SetMetricTarget,
    SetSafetyStock,
)
from ingestion.contracts.vocabulary import CommandType

ADJUSTMENT = {
    "occurred_at": "2026-03-01T10:00:00+02:00",
    "location_id": "FC-EAST",
    "sku": " tee-1 ",
    "quantity": -3,
    "reason_code": "lost",
}
RULE = {
    "rule_id": "shop-first",
    "expected_version": 0,
    "channel_priority": 1,
    "valid_from": "2026-03-01T00:00:00Z",
}


def test_every_command_type_has_a_payload():
    assert set(PAYLOADS) == set(CommandType)


def test_an_adjustment_moves_units_only_as_the_ledger_allows():
    seed = Path(__file__).parents[3] / "dbt/seeds/stock_transitions.csv"
    adjusting = {"quarantine", "release", "damage", "expire", "scrap", "recall"}
    with seed.open() as lines:
        legal = {
            (line["from_state"], line["to_state"])
            for line in csv.DictReader(lines)
            if line["movement_type"] in adjusting
        }
    assert set(MOVES) == legal


def test_an_instant_with_an_offset_is_kept_as_utc():
    payload = RecordAdjustment.model_validate(ADJUSTMENT)
    assert payload.occurred_at.isoformat() == "2026-03-01T08:00:00"


def test_a_sku_is_stored_in_one_spelling():
    spelled = [" tee-1 ", "TEE-1", "\u200btee-1\u202e", "te\u0301e-1"]
    stored = [RecordAdjustment.model_validate(ADJUSTMENT | {"sku": sku}).sku for sku in spelled]
    assert stored == ["TEE-1", "TEE-1", "TEE-1", "T\u00c9E-1"]


def test_the_same_decision_always_has_the_same_bytes():
    other_order = dict(reversed(ADJUSTMENT.items())) | {"lot_id": None, "sku": "TEE-1"}
    first, second = (RecordAdjustment.model_validate(p) for p in (ADJUSTMENT, other_order))
    assert first.canonical() == second.canonical()


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 0},
        {"quantity": 1.5},
        {"quantity": "3"},
        {"quantity": True},
        {"quantity": 10**10},
        {"sku": "\u200b"},
        {"reason_code": "felt_like_it"},
        {"occurred_at": "yesterday"},
        {"colour": "red"},
        {"from_state": "available"},
        {"quantity": 3, "from_state": "available", "to_state": "available"},
        {"quantity": -3, "from_state": "available", "to_state": "damaged"},
        {"quantity": 3, "from_state": "available", "to_state": "customer"},
        {"quantity": 3, "from_state": "damaged", "to_state": "available"},
    ],
)
def test_an_adjustment_that_cannot_be_booked_is_refused(change):
    with pytest.raises(ValidationError):
        RecordAdjustment.model_validate(ADJUSTMENT | change)


@pytest.mark.parametrize(
    "change",
    [
        {"valid_to": "2026-03-01T00:00:00Z"},
        {"location_order": ["FC-EAST", "FC-EAST"]},
        {"channel_id": "shop", "ring_fence_quantity": -1},
        {"expected_version": -1},
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(change):
    with pytest.raises(ValidationError):
        SetAllocationRule.model_validate(RULE | change)


def test_a_ring_fence_for_every_channel_is_refused_with_its_reason():
    with pytest.raises(ValidationError, match="keep them from nobody: choose the channel"):
        SetAllocationRule.model_validate(RULE | {"ring_fence_quantity": 7})
    fenced = RULE | {"channel_id": "shop", "ring_fence_quantity": 7}
    assert SetAllocationRule.model_validate(fenced).units == 7


def test_a_rule_binds_every_channel_and_sku_unless_it_names_one():
    rule = SetAllocationRule.model_validate(RULE)
    assert (rule.channel_id, rule.sku, rule.ring_fence_quantity) == ("*", "*", 0)


def test_a_safety_stock_is_the_networks_and_a_buffer_every_skus_unless_they_name_one():
    assert SetSafetyStock.model_validate({"sku": "tee-1", "quantity": 5}).location_id == "*"
    assert SetChannelBuffer.model_validate({"channel_id": "shop", "quantity": 5}).sku == "*"


@pytest.mark.parametrize("quantity", [-1, 1.5, "5", None, 10**10])
def test_only_whole_units_can_be_kept_back(quantity):
    with pytest.raises(ValidationError):
        SetSafetyStock.model_validate({"sku": "TEE-1", "quantity": quantity})
    with pytest.raises(ValidationError):
        SetChannelBuffer.model_validate({"channel_id": "shop", "quantity": quantity})


def test_a_target_of_one_is_one_whether_written_whole_or_not():
    named = {"metric": "unit_fill_rate", "variant": "promised", "valid_from": "2026-03-01"}
    whole, ratio = (SetMetricTarget.model_validate(named | {"target": t}) for t in (1, 1.0))
    assert whole.canonical() == ratio.canonical()


@pytest.mark.parametrize("target", [None, "0.97", float("nan"), float("inf"), True])
def test_a_target_is_a_finite_number(target):
    named = {"metric": "unit_fill_rate", "variant": "promised", "valid_from": "2026-03-01"}
    with pytest.raises(ValidationError):
        SetMetricTarget.model_validate(named | {"target": target})
