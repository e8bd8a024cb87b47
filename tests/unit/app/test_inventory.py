from datetime import datetime

import pytest

from app.charts.stock import notable
from app.queries import inventory, sku
from app.queries.inventory import Filter

MORNING = datetime(2026, 3, 1, 8)  # noqa: DTZ001 - the warehouse keeps naive UTC
NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001
EVENING = datetime(2026, 3, 1, 20)  # noqa: DTZ001


@pytest.fixture
def stocked(publish_rows, balance, product, places):
    return publish_rows(
        fct_stock_balances=[
            balance(quantity=5),
            balance(quantity=2, state="damaged"),
            balance(quantity=-1, location_id="west"),
            balance(quantity=3, state="in_transit"),
            balance(quantity=90, state="customer"),
            balance("MUG-1", quantity=7),
        ],
        dim_products=[product(), product("MUG-1", "Blue mug", "Kitchen")],
        fct_availability=[
            {
                "sku": "TEE-1",
                "location_id": "*",
                "channel_id": "shop",
                "free_quantity": 5,
                "open_demand_quantity": 9,
                "signed_atp_quantity": -4,
                "atp_quantity": 0,
                "oversell_exposure_quantity": 5,
            }
        ],
        fct_exceptions=[
            {"exception_id": "e1", "exception_type": "x", "sku": "TEE-1", "state": "open"},
            {"exception_id": "e2", "exception_type": "x", "sku": "TEE-1", "state": "resolved"},
        ],
        **places,
    )


def test_stock_is_shown_by_location_and_physical_state(stocked):
    stock = inventory.stock_by_state(stocked, Filter())
    assert stock.select("location", "state", "quantity").rows() == [
        ("East", "available", 12),
        ("East", "damaged", 2),
        ("East", "in_transit", 3),
        ("West", "available", -1),
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Filter(search=" mug"), ["MUG-1"]),
        (Filter(search="blue"), ["MUG-1"]),
        (Filter(location_ids=("west",)), ["TEE-1"]),
        (Filter(category="Kitchen"), ["MUG-1"]),
        (Filter(search="' or 1=1 --"), []),
        (Filter(), ["MUG-1", "TEE-1"]),
    ],
)
def test_skus_are_found_by_code_name_place_and_category(stocked, chosen, expected):
    assert inventory.skus(stocked, chosen, 10)["sku"].to_list() == expected
    assert inventory.count_skus(stocked, chosen) == len(expected)


def test_a_negative_balance_is_counted_not_clamped(stocked):
    (row,) = inventory.skus(stocked, Filter(search="TEE-1"), 10).to_dicts()
    assert (row["on_hand_quantity"], row["available_quantity"]) == (6, 4)
    assert (row["oversell_exposure_quantity"], row["exception_count"]) == (5, 1)


def test_the_facts_of_a_sku_leave_out_what_is_not_on_hand(stocked):
    facts = sku.facts(stocked, "TEE-1")
    assert (facts.on_hand, facts.available, facts.open_demand) == (6, 4, 9)
    assert facts.value == 24


def test_units_past_their_last_day_are_expired_and_not_available(
    publish_rows, balance, product, places
):
    reader = publish_rows(
        fct_stock_balances=[
            balance(quantity=3, lot_id="new"),
            balance(quantity=10, lot_id="old", is_sellable=False),
        ],
        dim_products=[product()],
        **places,
    )
    (row,) = inventory.skus(reader, Filter(), 10).to_dicts()
    stock = inventory.stock_by_state(reader, Filter())
    assert (row["on_hand_quantity"], row["available_quantity"]) == (13, 3)
    assert sku.facts(reader, "TEE-1").available == 3
    assert stock.select("state", "quantity").rows() == [("available", 3), ("expired", 10)]


def test_an_unknown_sku_has_no_facts(stocked):
    assert sku.facts(stocked, "NO-SUCH") is None


def test_the_unit_costs_of_known_skus_are_told(stocked):
    assert sku.unit_costs(stocked, ("TEE-1", "NO-SUCH")) == {"TEE-1": (4, "EUR")}


@pytest.fixture
def moved(publish_rows, balance, product, places, movement):
    made = [
        movement("m1", MORNING, "supplier", "receiving", 10, movement_type="received", po_id="P1"),
        movement("m2", MORNING, "receiving", "available", 10, movement_type="put_away"),
        movement("m3", NOON, "available", "customer", 4, order_id="O1", worker_id="w7"),
        movement(
            "m4",
            EVENING,
            "available",
            "lost",
            2,
            movement_type="adjustment",
            command_id="c1",
            actor="ann",
            reason="lost: fell off",
            source_system="truestock",
        ),
        movement("m5", EVENING, "found", "available", 1, location_id="west", flag="beyond_order"),
    ]
    return publish_rows(
        fct_stock_movements=[each for each, _ in made],
        fct_stock_entries=[entry for _, entries in made for entry in entries],
        fct_stock_balances=[
            balance(quantity=4),
            balance(quantity=0, state="receiving"),
            balance(quantity=1, location_id="west"),
            balance(quantity=4, state="customer"),
        ],
        dim_products=[product()],
        **places,
    )


def test_the_timeline_runs_the_balance_over_every_movement(moved):
    timeline = sku.timeline(moved, "TEE-1", None, None)
    assert timeline.select("movement_id", "effect_quantity", "balance_quantity").rows() == [
        ("m1", 10, 10),
        ("m2", 0, 10),
        ("m3", -4, 6),
        ("m4", -2, 4),
        ("m5", 1, 5),
    ]


def test_the_balance_counts_what_happened_before_the_window(moved):
    timeline = sku.timeline(moved, "TEE-1", "east", NOON)
    assert timeline.select("movement_id", "balance_quantity").rows() == [("m3", 6), ("m4", 4)]


def test_the_timeline_says_who_and_why(moved):
    rows = {row["movement_id"]: row for row in sku.timeline(moved, "TEE-1", None, None).to_dicts()}
    assert (rows["m4"]["actor"], rows["m4"]["reason"]) == ("ann", "lost: fell off")
    assert (rows["m3"]["actor"], rows["m3"]["reference"]) == ("w7", "O1")
    assert rows["m4"]["to_account"] == "East · lost"


def test_everyday_moves_inside_the_building_can_be_left_out(moved):
    shown = notable(sku.timeline(moved, "TEE-1", None, None))
    assert shown["movement_id"].to_list() == ["m1", "m3", "m4", "m5"]


def test_the_span_of_a_sku_that_never_moved_is_unknown(moved):
    assert sku.span(moved, "TEE-1") == (MORNING, EVENING)
    assert sku.span(moved, "NO-SUCH") is None


def test_balances_leave_out_empty_accounts_and_customers(moved):
    balances = sku.balances(moved, "TEE-1")
    assert balances.select("location", "state", "quantity").rows() == [
        ("East", "available", 4),
        ("West", "available", 1),
    ]
