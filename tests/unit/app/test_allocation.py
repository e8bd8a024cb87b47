from dataclasses import replace
from datetime import date, datetime

import pytest

from app.queries import allocation
from app.queries.allocation import DraftRule, LineFilter

PLACED = datetime(2026, 3, 1)  # noqa: DTZ001 - the warehouse keeps naive UTC
DRAFT = DraftRule("draft", 1, "market", "*", 5, 0, 0, ())


def line(order_id, channel_id, quantity, **columns):
    return {
        "order_id": order_id,
        "line_id": "1",
        "sku": "TEE-1",
        "channel_id": channel_id,
        "quantity": quantity,
        "placed_at": PLACED,
    } | columns


def planned(order_id, channel_id, allocated, short, location_id="east", **columns):
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
    } | columns


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


@pytest.fixture
def kit(publish_rows, places):
    """Two sets of one tee and three mugs for the shop; two of the mugs are missing."""
    mug = {"sku": "MUG-1", "kit_sku": "SET"}
    return publish_rows(
        fct_allocation_lines=[
            line("k", "shop", 2, kit_sku="SET", component_quantity=1),
            line("k", "shop", 6, component_quantity=3, **mug),
        ],
        fct_allocation_supply=[
            {"sku": "TEE-1", "location_id": "east", "quantity": 6},
            {"sku": "MUG-1", "location_id": "east", "quantity": 4},
        ],
        fct_allocations=[
            planned("k", "shop", 1, 1, shortage_reason="kit_incomplete"),
            planned("k", "shop", 3, 3, sku="MUG-1", shortage_reason="not_enough_stock"),
        ],
        **places,
    )


def test_a_kits_line_is_one_line_whose_units_are_all_its_components(kit):
    figures = "line_count", "open_quantity", "allocated_quantity", "short_quantity"
    assert allocation.by_channel(kit).select(figures).rows() == [(1, 8, 4, 4)]
    assert allocation.shortage_reasons(kit).rows() == [
        ("not_enough_stock", 1, 3),
        ("kit_incomplete", 1, 1),
    ]
    assert allocation.plan(kit, LineFilter(), 10)["short_quantity"].sum() == 4


def test_a_preview_counts_each_component_of_a_kit_once(kit):
    preview = allocation.preview(kit, DRAFT)
    figures = "line_count", "open_quantity", "draft_allocated_quantity", "draft_short_quantity"
    assert preview.by_channel.select(figures).rows() == [(1, 8, 4, 4)]
    assert preview.lines.is_empty()


def test_a_preview_holds_back_what_people_set(publish_rows):
    reader = publish_rows(
        fct_allocation_lines=[line("m", "market", 8)],
        fct_allocation_supply=[{"sku": "TEE-1", "location_id": "east", "quantity": 8}],
        fct_allocations=[planned("m", "market", 3, 5)],
        dim_channels=[{"channel_id": "market", "channel_name": "Market", "channel_priority": 2}],
        dim_channel_buffers=[
            {"channel_id": "market", "sku": "*", "buffer_quantity": 4, "is_current": True}
        ],
        dim_safety_stocks=[
            {"sku": "TEE-1", "location_id": "*", "safety_stock_quantity": 1, "is_current": True}
        ],
    )
    assert allocation.preview(reader, DRAFT).lines.is_empty()


def test_a_line_that_no_rule_governs_says_what_does(publish_rows, places):
    reader = publish_rows(
        fct_allocations=[
            planned("a", "shop", 0, 4, rule_id="own", withheld_by=["rule fence", "safety stock"]),
            planned("b", "market", 4, 0, withheld_by=[]),
            planned("c", "bazaar", 4, 0, withheld_by=[]),
        ],
        **places,
    )
    shown = allocation.plan(reader, LineFilter(), 10)
    assert shown.select("order_id", "governed_by", "withheld_by").rows() == [
        ("a", "own", "rule fence, safety stock"),
        ("b", "channel priority", None),
        ("c", "unknown channel", None),
    ]


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


NOW = datetime(2026, 3, 10)  # noqa: DTZ001 - the warehouse keeps naive UTC


def test_a_rule_to_come_can_be_revised_and_one_that_is_over_cannot(published):
    reader = published(
        [
            rule("now", valid_to=datetime(2026, 4, 1)),  # noqa: DTZ001
            rule("now", version=2, is_current=False, valid_from=datetime(2026, 4, 1)),  # noqa: DTZ001
            rule("to-come", is_current=False, valid_from=datetime(2026, 4, 1)),  # noqa: DTZ001
            rule("over", is_current=False, valid_to=NOW),
        ]
    )
    shown = allocation.revisable(reader, NOW).select("rule_id", "version").rows()
    assert shown == [("now", 2), ("to-come", 1)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"sku": "NOPE"}, ["Generation 1 knows no product NOPE: correct the SKU."]),
        ({"sku": "MUG-1"}, ["No open line asks for MUG-1 today."]),
        (
            {"valid_from": date(2026, 4, 1)},
            ["It is not in force before 2026-04-01. This is what it would do today."],
        ),
        (
            {"valid_to": date(2026, 3, 1)},
            ["It would not be in force: it ends on 2026-03-01. This is what it would do today."],
        ),
        (
            {"valid_from": date(2026, 4, 1), "valid_to": date(2026, 3, 20)},
            ["It would never be in force: it ends on 2026-03-20, and starts on 2026-04-01."],
        ),
    ],
)
def test_a_preview_says_what_it_does_not_show(publish_rows, product, changed, said):
    reader = publish_rows(
        fct_allocation_lines=[line("s", "shop", 4)],
        dim_products=[product(), product("MUG-1")],
    )
    assert allocation.remarks(reader, replace(DRAFT, **changed), NOW.date()) == said
