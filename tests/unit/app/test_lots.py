from datetime import date

import pytest

from app.charts.lots import MOST_ENDS, flow, horizons
from app.queries import lots


def part(trace_type, quantity, **columns):
    known = {"sku": "VIT-1", "lot_id": "L1", "location_id": "east"}
    return known | {"trace_type": trace_type, "quantity": quantity} | columns


def stock(lot_id, horizon, quantity, expires_on):
    return {
        "sku": "VIT-1",
        "lot_id": lot_id,
        "location_id": "east",
        "horizon": horizon,
        "on_hand_quantity": quantity,
        "sellable_quantity": quantity,
        "risk_quantity": 1,
        "amount": 4 * quantity,
        "expires_on": expires_on,
    }


@pytest.fixture
def traced(publish_rows, places):
    return publish_rows(
        fct_lot_traces=[
            part("received", 12, po_id="P1", supplier_id="S1"),
            part("held", 5, state="available"),
            part("held", 0, state="reserved"),
            part("shipped", 4, order_id="O1", order_line_id="1", customer_id="C1"),
            part("shipped", 3, order_id="O2", order_line_id="1", customer_id="C1"),
            part("shipped", 1, order_id="O1", order_line_id="2", lot_id="L2", customer_id="C1"),
        ],
        fct_expiry_risks=[
            stock("L2", "later", 7, date(2027, 3, 1)),
            stock("L1", "within_7_days", 5, date(2026, 3, 12)),
        ],
        dim_suppliers=[{"supplier_id": "S1", "supplier_name": "Acme"}],
        **places,
    )


def test_a_recalled_lot_leads_to_every_supplier_order_place_and_order_that_had_it(traced):
    trace = lots.trace(traced, "VIT-1", "L1")
    assert trace.select("trace_type", "quantity", "supplier", "state", "order_id").rows() == [
        ("received", 12, "Acme", None, None),
        ("held", 5, None, "available", None),
        ("shipped", 4, None, None, "O1"),
        ("shipped", 3, None, None, "O2"),
    ]


def test_an_order_leads_back_to_the_lots_it_got(traced):
    got = lots.lots_of_order(traced, " o1 ")
    assert got.select("lot_id", "order_line_id", "quantity").rows() == [
        ("L1", "1", 4),
        ("L2", "2", 1),
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [("", ["L1", "L2"]), ("l2", ["L2"]), ("O2", ["L1"]), ("p1", ["L1"]), ("none", [])],
)
def test_lots_are_found_by_code_order_and_supplier_order(traced, search, expected):
    assert lots.lots(traced, search, 10)["lot_id"].to_list() == expected


def test_a_found_lot_says_how_many_orders_and_customers_it_reached(traced):
    (found,) = lots.lots(traced, "L1", 10).to_dicts()
    reached = ("received_quantity", "held_quantity", "shipped_quantity", "order_count")
    assert [found[name] for name in reached] == [12, 5, 7, 2]
    assert found["customer_count"] == 1


def test_horizons_are_told_from_the_nearest(traced):
    horizons = lots.horizons(traced).select("horizon", "on_hand_quantity").rows()
    assert horizons == [("within_7_days", 5), ("later", 7)]


def test_what_has_expired_is_drawn_apart_from_what_will(publish_rows):
    reader = publish_rows(
        fct_expiry_risks=[
            stock("L1", "expired", 5, date(2026, 3, 1)),
            stock("L2", "later", 7, date(2027, 3, 1)),
        ]
    )
    drawn = {bars.name: list(bars.x) for bars in horizons(lots.horizons(reader)).data}
    assert drawn == {
        "Past its last day": [5, 0],
        "Will expire unsold": [0, 1],
        "Should sell in time, or is held back": [0, 6],
    }


@pytest.mark.parametrize(
    ("horizon", "search", "expected"),
    [(None, "", ["L1", "L2"]), ("later", "", ["L2"]), (None, "l1", ["L1"])],
)
def test_lots_on_hand_are_listed_by_their_last_day(traced, horizon, search, expected):
    assert lots.expiring(traced, horizon, search, 10)["lot_id"].to_list() == expected


def test_the_way_of_a_lot_keeps_every_unit_when_small_ends_are_drawn_as_one(publish_rows):
    orders = MOST_ENDS + 5
    shipped = [part("shipped", 1, order_id=f"O{number:02}") for number in range(orders)]
    reader = publish_rows(fct_lot_traces=[*shipped, part("received", orders, po_id="P1")])
    (sankey,) = flow(lots.trace(reader, "VIT-1", "L1"), "L1").data
    assert len(sankey.node.label) == 1 + 1 + MOST_ENDS + 1
    assert sum(sankey.link.value) == 2 * orders


def test_a_breach_names_the_lot_that_should_have_gone(publish_rows, places):
    reader = publish_rows(
        fct_fefo_breaches=[
            {"event_id": "e", "sku": "VIT-1", "lot_id": "L2", "earlier_lot_id": "L1", "quantity": 1}
        ],
        **places,
    )
    assert lots.fefo_breaches(reader, 10)["earlier_lot_id"].to_list() == ["L1"]
