import pytest

from app.charts.promise import waterfall
from app.queries import promise
from app.queries.promise import Place

NETWORK = Place("TEE-1", "*", "shop")


@pytest.fixture
def promised(publish_rows, places):
    whole = {"sku": "TEE-1", "location_id": "*", "channel_id": "shop"}
    terms = [
        ("on_hand", "total", 1, 10),
        ("packed", "step", 2, -3),
        ("free", "total", 4, 7),
        ("buffer", "step", 9, -9),
        ("signed_atp", "total", 10, -2),
        ("late_supply", "beside", 11, 5),
    ]
    bought = {"term": "free", "quantity": 7, "file_name": "receipts.csv", "row_number": 3}
    bought |= {"at_location_id": "west"}
    kept = {"term": "buffer", "quantity": -9, "file_name": "command log", "row_number": 1}
    return publish_rows(
        fct_availability=[whole, whole | {"location_id": "west"}],
        fct_availability_terms=[
            whole | {"term": term, "kind": kind, "position": position, "quantity": quantity}
            for term, kind, position, quantity in terms
        ],
        fct_availability_evidence=[
            whole | bought | {"channel_id": None, "is_counted": True},
            whole | kept | {"is_counted": True},
            whole | kept | {"channel_id": "market", "is_counted": True},
        ],
        **places,
    )


def test_terms_come_in_the_order_they_add_up(promised):
    terms = promise.terms(promised, NETWORK)["term"].to_list()
    assert terms == ["on_hand", "packed", "free", "buffer", "signed_atp", "late_supply"]


def test_another_channels_buffer_is_not_behind_this_ones_promise(promised):
    rows = promise.evidence(promised, NETWORK, "buffer")
    assert rows.select("file_name", "row_number").rows() == [("command log", 1)]


def test_events_of_stock_are_behind_every_channels_promise(promised):
    rows = promise.evidence(promised, NETWORK, "free")
    assert rows.select("file_name", "row_number").rows() == [("receipts.csv", 3)]


def test_an_event_behind_a_promise_names_its_place(promised):
    (row,) = promise.evidence(promised, NETWORK, "free").to_dicts()
    assert row["at_location"] == "West"


def test_a_sku_is_promised_over_the_network_first(promised):
    assert promise.locations(promised, "TEE-1") == {"*": "All locations", "west": "West"}


def test_the_waterfall_shows_what_is_below_zero_and_what_is_not_counted_apart(promised):
    bars, apart = waterfall(promise.terms(promised, NETWORK), "TEE-1").data
    assert (list(apart.customdata), list(apart.x)) == (["late_supply"], [5])
    assert list(apart.y) == ["Late supply, not counted"]
    assert list(bars.customdata) == ["on_hand", "packed", "free", "buffer", "signed_atp"]
    assert list(bars.measure) == ["absolute", "relative", "absolute", "relative", "absolute"]
    assert list(bars.text) == ["10", "-3", "7", "-9", "-2"]


def test_late_supply_names_the_order_lines_it_endangers(publish_rows, places):
    late = {"sku": "TEE-1", "location_id": "west", "late_quantity": 5, "days_late": 2}
    reader = publish_rows(
        fct_late_supply=[
            late | {"po_id": "P1", "endangered_quantity": 0, "endangered_lines": []},
            late | {"po_id": "P2", "endangered_quantity": 3, "endangered_lines": ["O-1 · 1"]},
            late | {"sku": "MUG-1", "po_id": "P3", "endangered_quantity": 9},
        ],
        **places,
    )
    rows = promise.late_supply(reader, "TEE-1").to_dicts()
    assert [(row["po_id"], row["location"]) for row in rows] == [("P2", "West"), ("P1", "West")]
    assert rows[0]["endangered_lines"] == ["O-1 · 1"]
