from datetime import date, datetime
from decimal import Decimal

import pytest

from app.charts import counts as charts
from app.queries import counts
from app.queries.counts import CountFilter

MONDAY = datetime(2026, 3, 2, 8)  # noqa: DTZ001 - the warehouse keeps naive UTC
EVERY = CountFilter()


def proposal(claim_id, quantity, **columns):
    return {
        "claim_id": claim_id,
        "count_id": claim_id,
        "location_id": "east",
        "sku": "TEE-1",
        "status": "open",
        "cause": "shrinkage",
        "reason_code": "lost",
        "from_state": "available",
        "to_state": "lost",
        "verification": "waived",
        "quantity": quantity,
        "amount": 4 * quantity,
        "confidence": 0.7,
        "is_verification_first": False,
        "is_approval_needed": False,
        "counted_at": MONDAY,
    } | columns


def planned(rank, sku, **columns):
    return {
        "location_id": "east",
        "sku": sku,
        "abc_class": "A",
        "count_type": "cycle",
        "plan_rank": rank,
        "risk_amount": 10 - rank,
        "expected_error_units": 1,
        "is_due": True,
        "is_blind_advised": True,
        "due_on": date(2026, 3, 2),
    } | columns


def rated(rank, **columns):
    return {
        "subject_kind": "worker",
        "location_id": "east",
        "pick_count": 100,
        "error_count": 2,
        "error_rate": 0.02,
        "low_rate": 0.005,
        "high_rate": 0.07,
        "mean_rate": 0.01,
        "shrunk_rate": 0.015,
        "shrunk_low_rate": 0.008,
        "shrunk_high_rate": 0.03,
        "rate_rank": rank,
    } | columns


def adjusted(movement_id, is_held, **columns):
    known = {"location_id": "east", "sku": "TEE-1", "quantity": -1, "occurred_at": MONDAY}
    return known | {"movement_id": movement_id, "is_held": is_held} | columns


@pytest.fixture
def counted(publish_rows, product, places):
    return publish_rows(
        dim_products=[product(), product("CUP-1")],
        fct_count_proposals=[
            proposal("small", -1),
            proposal("large", -9, verification="asked", is_verification_first=True),
            proposal("done", 0, status="corrected"),
            proposal("waiting", -2, status="pending", sku="CUP-1", location_id="west"),
        ],
        fct_count_plan=[
            planned(2, "CUP-1", is_due=False, location_id="west"),
            planned(1, "TEE-1", count_type="verification"),
        ],
        fct_adjustment_efficacy=[
            *[adjusted(f"m{number}", is_held=True) for number in range(9)],
            adjusted("m9", is_held=False),
            adjusted("m10", is_held=None),
        ],
        fct_mispick_rates=[
            rated(2, worker_id="w2"),
            rated(1, worker_id="w1"),
            rated(1, subject_kind="sku_pair", sku="CUP-1", other_sku="TEE-1"),
        ],
        fct_mispick_signals=[
            {
                "signal_id": "s1", "signal": "parcel_weight", "location_id": "east",
                "sku": "CUP-1", "other_sku": "TEE-1", "quantity": 1, "confidence": 0.8,
                "seen_at": MONDAY,
            }
        ],
        **places,
    )  # fmt: skip


def test_what_waits_is_counted_and_what_held_has_an_interval(counted):
    now = counts.standing(counted, EVERY)

    assert (now.open_count, now.verification_count, now.due_count) == (2, 1, 1)
    assert (now.held_count, now.recounted_count, now.held_rate) == (9, 10, 0.9)
    assert now.low_rate == pytest.approx(0.5958, abs=1e-4)
    assert now.high_rate == pytest.approx(0.9821, abs=1e-4)


def test_without_an_adjustment_counted_again_there_is_no_rate(publish_rows, places):
    now = counts.standing(publish_rows(**places), EVERY)

    assert (now.open_count, now.recounted_count, now.held_rate, now.low_rate) == (0, 0, None, None)


def test_proposals_nobody_booked_are_listed_by_value(counted):
    found = counts.proposals(counted, EVERY, 10)

    assert found["claim_id"].to_list() == ["large", "waiting", "small"]
    assert found["location"].to_list() == ["East", "West", "East"]
    assert found["amount"][0] == Decimal(-36)


def test_a_filter_narrows_every_list(counted):
    west = CountFilter(location_id="west")
    cup = CountFilter(search="cup")

    assert counts.proposals(counted, west, 10)["claim_id"].to_list() == ["waiting"]
    assert counts.plan(counted, cup, 10, due_only=False)["sku"].to_list() == ["CUP-1"]
    assert counts.signals(counted, cup, 10)["signal"].to_list() == ["parcel_weight"]
    assert counts.rates(counted, west, "worker", 10).is_empty()
    assert counts.efficacy(counted, cup, 10).is_empty()


def test_the_plan_shows_second_counts_first_and_can_leave_out_what_is_not_due(counted):
    everything = counts.plan(counted, EVERY, 10, due_only=False)

    assert everything["count_type"].to_list() == ["verification", "cycle"]
    assert counts.plan(counted, EVERY, 10, due_only=True)["sku"].to_list() == ["TEE-1"]
    bar = charts.risk(everything).data[0]
    assert list(bar.marker.pattern.shape) == ["/", ""]
    assert "second count" in bar.text[0]


def test_rates_keep_their_rank_and_show_their_interval(counted):
    workers = counts.rates(counted, EVERY, "worker", 10)

    assert workers["subject"].to_list() == ["w1", "w2"]
    assert counts.rates(counted, EVERY, "sku_pair", 10)["subject"].to_list() == ["CUP-1 · TEE-1"]
    shrunk, own = charts.rates(workers).data
    assert list(shrunk.x) == pytest.approx([1.5, 1.5])
    assert list(shrunk.error_x.array) == pytest.approx([1.5, 1.5])
    assert list(own.x) == pytest.approx([2, 2])


def test_adjustments_that_did_not_hold_come_first(counted):
    assert counts.efficacy(counted, EVERY, 20)["is_held"].to_list()[:2] == [False, True]
