from datetime import datetime, timedelta

import pytest

from app.queries import returns

PUBLISHED = datetime(2026, 3, 10, 12)  # noqa: DTZ001 - the warehouse keeps naive UTC


def ago(days):
    return PUBLISHED - timedelta(days=days)


def a_return(return_id, **columns):
    quantities = ("requested", "received", "restocked", "disposed", "refunded")
    nothing = {f"{name}_quantity": 0 for name in quantities}
    known = {"return_id": return_id, "sku": "TEE-1", "order_id": f"O-{return_id}"}
    return nothing | known | {"location_id": "east", "requested_at": ago(20)} | columns


def phantom(phantom_id, system, return_id, **columns):
    known = {"phantom_id": phantom_id, "system": system, "return_id": return_id, "sku": "TEE-1"}
    known |= {"cause": "restocked_without_receipt", "quantity": 1, "began_at": ago(3)}
    known |= {"ended_at": None} | columns
    return known | {"amount": 4 * known["quantity"]}


@pytest.fixture
def returned(publish_rows, product, places):
    return publish_rows(
        fct_returns=[
            a_return("awaited", requested_quantity=3, requested_at=ago(1)),
            a_return(
                "exposed",
                requested_quantity=2,
                refunded_quantity=2,
                refund_amount=30,
                refunded_at=ago(10),
            ),
            a_return(
                "half",
                requested_quantity=4,
                received_quantity=3,
                disposed_quantity=1,
                refunded_quantity=4,
                refund_amount=40,
                refunded_at=ago(15),
                received_at=ago(5),
            ),
            a_return("phantom", received_quantity=1, disposed_quantity=1, restocked_quantity=2),
            a_return(
                "done",
                requested_quantity=1,
                received_quantity=1,
                disposed_quantity=1,
                refunded_quantity=1,
                received_at=ago(9),
                refunded_at=ago(8),
            ),
        ],
        fct_phantom_stock=[
            phantom("p1", "shop", "phantom", ended_at=ago(1)),
            phantom("p2", "wms", "phantom", quantity=2),
            phantom("p3", "shop", None),
        ],
        dim_products=[product()],
        **places,
    )


def test_only_the_part_of_a_refund_that_is_not_received_is_exposed(returned):
    totals = returns.totals(returned)
    assert (totals.exposed_quantity, totals.exposed_amount) == (3, 40)


def test_phantom_stock_is_what_any_system_restocked_before_or_beyond_the_receipt(returned):
    totals = returns.totals(returned)
    assert (totals.phantom_quantity, totals.phantom_amount) == (4, 16)
    assert totals.standing_phantom_quantity == 3


def test_phantom_stock_is_told_by_system(returned):
    told = returns.phantom_systems(returned).select("system", "quantity", "standing_quantity")
    assert told.rows() == [("shop", 2, 1), ("wms", 2, 2)]


def test_a_return_says_which_systems_sell_it_on_paper_alone(returned):
    (row,) = returns.returns(returned, "phantom", "", 10).to_dicts()
    assert (row["phantom_quantity"], row["phantom_amount"], row["phantom_in"]) == (
        3, 12, "shop, wms",
    )  # fmt: skip


def test_a_refund_counts_as_first_while_the_goods_are_still_away(returned):
    assert returns.totals(returned).refunded_first_count == 2


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("all", {"awaited", "exposed", "half", "phantom", "done"}),
        ("open", {"awaited", "exposed", "half", "phantom"}),
        ("refunded_first", {"exposed", "half"}),
        ("exposed", {"exposed", "half"}),
        ("phantom", {"phantom"}),
    ],
)
def test_returns_are_listed_by_what_is_wrong_with_them(returned, which, expected):
    assert set(returns.returns(returned, which, "", 10)["return_id"]) == expected


def test_a_return_is_found_by_its_order(returned):
    assert returns.returns(returned, "all", " o-half ", 10)["return_id"].to_list() == ["half"]


def test_units_between_two_clocks_are_aged_to_the_instant_of_publication(returned):
    spans = returns.open_spans(returned).select("span", "age", "quantity").rows()
    assert set(spans) == {
        ("announced, not received", "up to 2 days", 3),
        ("announced, not received", "over 14 days", 3),
        ("received, not inspected", "3 to 7 days", 2),
        ("received, not refunded", "over 14 days", 1),
        ("refunded, not received", "8 to 14 days", 2),
        ("refunded, not received", "over 14 days", 1),
    }
