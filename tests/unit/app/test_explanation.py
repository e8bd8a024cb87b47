"""What can be explained while a company has landed no channel yet."""

import pytest

from dagster_project.lib.explanation import Holding, NothingToExplainError, explain

pytestmark = pytest.mark.usefixtures("without_channels")


@pytest.fixture
def without_channels(publish_rows, balance):
    publish_rows(
        dim_products=[{"sku": "MUG-RED"}, {"sku": "MUG-BLUE"}],
        dim_locations=[{"location_id": "W1", "location_name": "Berlin"}],
        fct_stock_balances=[
            balance("MUG-RED", "available", 24, "W1"),
            balance("MUG-RED", "damaged", 1, "W1"),
        ],
        fct_stock_movements=[
            {
                "movement_id": "m1",
                "movement_type": "received",
                "sku": "MUG-RED",
                "from_state": "supplier",
                "to_state": "available",
                "from_location_id": "W1",
                "to_location_id": "W1",
                "quantity": 24,
            }
        ],
    )


@pytest.mark.parametrize("place", ["*", "W1"])
def test_what_lies_is_explained_though_no_channel_may_promise_it(settings, place):
    found = explain(settings, "mug-red", place)
    assert isinstance(found, Holding)
    assert found.on_hand_quantity == 25
    assert {term["term"]: term["quantity"] for term in found.terms} == {
        "on_hand": 25,
        "available": 24,
        "damaged": 1,
    }
    assert [(e["term"], e["quantity"], e["at_location_name"]) for e in found.evidence] == [
        ("available", 24, "Berlin")
    ]


def test_what_lies_nowhere_is_said_to(settings):
    with pytest.raises(NothingToExplainError, match="MUG-BLUE lies nowhere"):
        explain(settings, "MUG-BLUE")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("MUG-RAD",), "Did you mean MUG-RED"),
        (("MUG-RED", "w1"), "Did you mean W1"),
        (("MUG-RED", "*", "nope"), "There is no channel nope. No channel is known yet"),
    ],
)
def test_an_unknown_code_is_named_with_what_comes_close(settings, words, said):
    with pytest.raises(NothingToExplainError, match=said):
        explain(settings, *words)
