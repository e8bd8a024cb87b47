from dataclasses import replace
from datetime import datetime

import pytest

from app.queries import allocation
from app.queries.allocation import DraftRule, LineFilter

PLACED = datetime(2026, 3, 1)  # noqa: DTZ001 - the warehouse keeps naive UTC
DRAFT = DraftRule("draft", 1, "market", "*", 5, 0, 0, ())


def line(order_id, channel_id, quantity):
    return {
        "order_id": order_id,
        "line_id": "1",
        "sku": "TEE-1",
        "channel_id": channel_id,
        "quantity": quantity,
        "placed_at": PLACED,
    }


def planned(order_id, channel_id, allocated, short, location_id="east"):
    return {
        "order_id": order_id,
        "line_id": "1",
        "sku": "TEE-1",
        "channel_id": channel_id,
        "location_id": location_id if allocated else None,
        "allocated_quantity": allocated,
        "short_quantity": short,
        "shortage_reason": "no_stock" if short else None,
        "placed_at": PLACED,
    }


def rule(rule_id="fence", *, is_current=True, version=1, **columns):
    return {
        "rule_id": rule_id,
        "version": version,
        "channel_id": "shop",
        "sku": "*",
        "channel_priority": 1,
        "ring_fence_quantity": 0,
        "buffer_quantity": 0,
        "location_order": [],
        "is_current": is_current,
        "valid_from": PLACED,
    } | columns


@pytest.fixture
def published(publish_rows, places, product):
    """Ten units; the shop's 4 are served first, the market gets 6 of its 8."""

    def publish(rules=()):
        return publish_rows(
            fct_allocation_lines=[line("s", "shop", 4), line("m", "market", 8)],
            fct_allocation_supply=[
                {"sku": "TEE-1", "location_id": "east", "quantity": 6},
                {"sku": "TEE-1", "location_id": "west", "quantity": 4},
            ],
            fct_allocations=[
                planned("s", "shop", 4, 0),
                planned("m", "market", 2, 2),
                planned("m", "market", 4, 2, "west"),
            ],
            dim_allocation_rules=list(rules),
            dim_products=[product()],
            **places,
        )

    return publish


def changes(preview):
    columns = preview.by_channel.select("channel", "allocated_change_quantity")
    return dict(columns.iter_rows())


def test_the_plan_adds_up_per_channel_without_counting_a_split_line_twice(published):
    channels = allocation.by_channel(published())
    assert channels.select(
        "channel", "line_count", "open_quantity", "allocated_quantity", "short_quantity"
    ).rows() == [("Own shop", 1, 4, 4, 0), ("Marketplace", 1, 8, 6, 2)]


def test_shortage_is_counted_once_per_line(published):
    assert allocation.shortage_reasons(published()).rows() == [("no_stock", 1, 2)]


@pytest.mark.parametrize(
    ("chosen", "orders"),
    [
        (LineFilter(), ["m", "m", "s"]),
        (LineFilter(channel_id="shop"), ["s"]),
        (LineFilter(only_short=True), ["m", "m"]),
        (LineFilter(search="tee"), ["m", "m", "s"]),
        (LineFilter(search="mug"), []),
    ],
)
def test_lines_of_the_plan_are_found(published, chosen, orders):
    assert allocation.plan(published(), chosen, 10)["order_id"].to_list() == orders


def test_a_draft_that_changes_nothing_previews_no_change(published):
    preview = allocation.preview(published(), DRAFT)
    assert changes(preview) == {"Own shop": 0, "Marketplace": 0}
    assert preview.lines.is_empty()


def test_a_draft_that_serves_the_market_first_takes_from_the_shop(published):
    preview = allocation.preview(published(), replace(DRAFT, channel_priority=0))
    assert changes(preview) == {"Own shop": -2, "Marketplace": 2}
    assert preview.lines.select("order_id", "published_quantity", "draft_quantity").rows() == [
        ("m", 6, 8),
        ("s", 4, 2),
    ]


def test_a_draft_buffer_is_withheld_at_each_location(published):
    assert changes(allocation.preview(published(), replace(DRAFT, buffer_quantity=3))) == {
        "Own shop": 0,
        "Marketplace": -5,
    }


def test_a_draft_takes_the_place_of_the_rule_it_revises(published):
    reader = published([rule("cap", channel_id="market", buffer_quantity=3)])
    assert changes(allocation.preview(reader, replace(DRAFT, rule_id="cap"))) == {
        "Own shop": 0,
        "Marketplace": 0,
    }


def test_a_preview_leaves_no_trace_in_the_generation(published):
    reader = published()
    allocation.preview(reader, replace(DRAFT, channel_priority=0))
    assert allocation.rules(reader).is_empty()
    assert changes(allocation.preview(reader, DRAFT)) == {"Own shop": 0, "Marketplace": 0}


def test_a_rule_names_its_channel_and_the_places_that_serve(published):
    reader = published([rule(location_order=["west", "gone"]), rule("all", channel_id="*")])
    shown = allocation.rules(reader).select("rule_id", "channel", "serving_order").rows()
    assert shown == [("all", "Every channel", []), ("fence", "Own shop", ["West", "gone"])]


def test_rules_in_force_come_first(published):
    reader = published([rule("old", is_current=False), rule("new", version=2)])
    assert allocation.rules(reader)["rule_id"].to_list() == ["new", "old"]
