"""The allocation engine as readers of a generation get it: the table macro itself."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import duckdb
import pytest

MACRO = Path(__file__).parents[3] / "dbt" / "macros" / "allocation.sql"
ANY = "*"


@pytest.fixture
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for part in MACRO.read_text().split("{% macro create_")[1:]:
        connection.execute(part.split("-%}", 1)[1].split("{%- endmacro")[0])
    connection.execute(
        """
        create table lines (order_id varchar, line_id varchar, sku varchar, channel_id varchar,
            requested_location_id varchar, quantity bigint, component_quantity bigint,
            promised_ship_by timestamp, placed_at timestamp);
        create table supply (sku varchar, location_id varchar, quantity bigint);
        create table channels (channel_id varchar, channel_priority bigint);
        create table rules (rule_id varchar, version bigint, channel_id varchar, sku varchar,
            channel_priority bigint, ring_fence_quantity bigint, buffer_quantity bigint,
            location_order varchar[], is_current boolean default true);
        create table buffers (channel_id varchar, sku varchar, buffer_quantity bigint,
            command_id varchar, is_current boolean default true);
        create table safety_stocks (sku varchar, location_id varchar,
            safety_stock_quantity bigint, is_current boolean default true);
        create view policies as from policies_of('lines', 'channels', 'rules', 'buffers');
        insert into channels values ('shop', 1), ('market', 2);
        """
    )
    return connection


def _ask(engine: duckdb.DuckDBPyConnection, *lines: tuple[str, str, int]) -> None:
    for order_id, channel_id, quantity in lines:
        engine.execute(
            "insert into lines values (?, '1', 'A', ?, null, ?, null, null, '2026-01-01')",
            [order_id, channel_id, quantity],
        )


def _stock(engine: duckdb.DuckDBPyConnection, **quantities: int) -> None:
    for location_id, quantity in quantities.items():
        engine.execute("insert into supply values ('A', ?, ?)", [location_id, quantity])


def _rule(engine: duckdb.DuckDBPyConnection, channel_id: str, **terms: object) -> None:
    engine.execute(
        "insert into rules values (?, 1, ?, ?, ?, ?, ?, ?, true)",
        [
            terms.get("rule_id", f"rule-{channel_id}"),
            channel_id,
            terms.get("sku", ANY),
            terms.get("priority", 10),
            terms.get("ring_fence", 0),
            terms.get("buffer", 0),
            terms.get("locations", []),
        ],
    )


def _plan(engine: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str | None, int]]]:
    rows: Sequence[tuple[str, str | None, int]] = engine.execute(
        """
        select order_id, location_id, allocated_quantity
        from allocate('lines', 'supply', 'policies', 'safety_stocks')
        order by order_id, location_id
        """
    ).fetchall()
    plan: dict[str, list[tuple[str | None, int]]] = {}
    for order_id, location_id, quantity in rows:
        plan.setdefault(order_id, []).append((location_id, quantity))
    return plan


def test_a_ring_fence_is_kept_by_the_network_not_by_the_place_asked_for(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    engine.execute(
        "insert into lines values ('s', '1', 'A', 'shop', 'east', 8, null, null, '2026-01-01')"
    )
    _stock(engine, east=8, west=5)
    _rule(engine, "market", priority=2, ring_fence=5)
    _rule(engine, "shop", priority=1)

    assert _plan(engine) == {"s": [("east", 8)]}


def test_the_channel_served_first_gets_the_stock(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("m", "market", 4), ("s", "shop", 4))
    _stock(engine, east=5)

    assert _plan(engine) == {"m": [("east", 1)], "s": [("east", 4)]}


def test_a_rule_overrules_the_channels_own_priority(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("m", "market", 4), ("s", "shop", 4))
    _stock(engine, east=5)
    _rule(engine, "market", priority=0)

    assert _plan(engine) == {"m": [("east", 4)], "s": [("east", 1)]}


def test_a_line_nothing_serves_is_still_in_the_plan(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("s", "shop", 4))

    assert _plan(engine) == {"s": [(None, 0)]}


def test_a_line_may_be_split_over_locations_in_the_rules_order(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("s", "shop", 6))
    _stock(engine, east=5, west=5)
    _rule(engine, "shop", locations=["west", "east"])

    assert _plan(engine) == {"s": [("east", 1), ("west", 5)]}


def test_a_buffer_stays_at_each_location(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("s", "shop", 10))
    _stock(engine, east=5, west=3)
    _rule(engine, "shop", buffer=4)

    assert _plan(engine) == {"s": [("east", 1)]}


def test_a_buffer_does_not_bind_other_channels(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("m", "market", 5), ("s", "shop", 5))
    _stock(engine, east=5)
    _rule(engine, "shop", priority=1, buffer=4)

    assert _plan(engine) == {"m": [("east", 4)], "s": [("east", 1)]}


def test_a_ring_fence_is_kept_from_the_channels_served_before(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("m", "market", 5), ("s", "shop", 5))
    _stock(engine, east=4, west=2)
    _rule(engine, "market", priority=20, ring_fence=3)

    assert sum(quantity for _, quantity in _plan(engine)["s"]) == 3
    assert sum(quantity for _, quantity in _plan(engine)["m"]) == 3


def test_a_ring_fence_holds_even_when_its_channel_asks_for_nothing(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("s", "shop", 5))
    _stock(engine, east=6)
    _rule(engine, "market", priority=20, ring_fence=3)

    assert _plan(engine) == {"s": [("east", 3)]}


def test_a_requested_location_is_the_only_one_that_serves(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("s", "shop", 4))
    engine.execute("update lines set requested_location_id = 'west'")
    _stock(engine, east=9, west=3)

    assert _plan(engine) == {"s": [("west", 3)]}


def test_the_promise_decides_inside_a_channel(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("a", "shop", 3), ("b", "shop", 3))
    engine.execute("update lines set promised_ship_by = '2026-01-05' where order_id = 'a'")
    engine.execute("update lines set promised_ship_by = '2026-01-03' where order_id = 'b'")
    _stock(engine, east=4)

    assert _plan(engine) == {"a": [("east", 1)], "b": [("east", 3)]}


@pytest.mark.parametrize(("market_priority", "served"), [(20, "before"), (2, "after")])
def test_a_ring_fence_is_kept_from_the_channels_whenever_they_are_served(
    engine: duckdb.DuckDBPyConnection, market_priority: int, served: str
) -> None:
    _ask(engine, ("s", "shop", 20))
    _stock(engine, east=20)
    _rule(engine, "market", priority=market_priority, ring_fence=15)

    assert _plan(engine) == {"s": [("east", 5)]}, f"the shop is served {served} the market"


@pytest.mark.parametrize(("asked", "left"), [(4, 5), (15, 5), (18, 2)])
def test_what_its_channel_was_given_counts_against_a_ring_fence(
    engine: duckdb.DuckDBPyConnection, asked: int, left: int
) -> None:
    _ask(engine, ("m", "market", asked), ("s", "shop", 20))
    _stock(engine, east=20)
    _rule(engine, "market", priority=0, ring_fence=15)

    assert _plan(engine) == {"m": [("east", asked)], "s": [("east", left)]}


def test_a_ring_fence_for_every_channel_keeps_nothing_from_anybody(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("s", "shop", 6))
    _stock(engine, east=6)
    _rule(engine, ANY, ring_fence=6)

    assert _plan(engine) == {"s": [("east", 6)]}


def _buffer(engine: duckdb.DuckDBPyConnection, channel_id: str, quantity: int) -> None:
    engine.execute("insert into buffers values (?, 'A', ?, 'c1', true)", [channel_id, quantity])


def _safety(engine: duckdb.DuckDBPyConnection, location_id: str, quantity: int) -> None:
    engine.execute("insert into safety_stocks values ('A', ?, ?, true)", [location_id, quantity])


def test_a_channels_buffer_replaces_its_rules(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("s", "shop", 20))
    _stock(engine, east=20)
    _rule(engine, "shop", buffer=2)
    _buffer(engine, "shop", 8)

    assert _plan(engine) == {"s": [("east", 12)]}


@pytest.mark.parametrize(("location_id", "given"), [("east", 9), (ANY, 9), ("west", 12)])
def test_safety_stock_is_kept_back_from_every_channel(
    engine: duckdb.DuckDBPyConnection, location_id: str, given: int
) -> None:
    _ask(engine, ("s", "shop", 20))
    _stock(engine, east=12)
    _safety(engine, location_id, 3)

    assert _plan(engine) == {"s": [("east", given)]}


def test_safety_stock_of_a_location_counts_towards_the_networks(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("s", "shop", 20))
    _stock(engine, east=6, west=6)
    _safety(engine, "east", 3)
    _safety(engine, ANY, 4)

    assert sum(quantity for _, quantity in _plan(engine)["s"]) == 8


def test_a_line_of_an_unknown_channel_is_served_last_and_by_no_rule(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("m", "market", 4), ("x", "bazaar", 4))
    _stock(engine, east=6)
    _rule(engine, ANY, priority=50)

    assert _plan(engine) == {"m": [("east", 4)], "x": [("east", 2)]}
    assert engine.execute(
        "select distinct rule_id from allocate('lines', 'supply', 'policies', 'safety_stocks') "
        "where order_id = 'x'"
    ).fetchall() == [(None,)]


def _withheld(engine: duckdb.DuckDBPyConnection, order_id: str) -> tuple[str | None, list[str]]:
    return engine.execute(
        """
        select rule_id, withheld_by
        from allocate('lines', 'supply', 'policies', 'safety_stocks') where order_id = ?
        """,
        [order_id],
    ).fetchall()[0]


def test_the_rule_that_withheld_is_named_beside_the_rule_that_governs(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("s", "shop", 6))
    _stock(engine, east=6)
    _rule(engine, "market", rule_id="fence", ring_fence=6)
    _rule(engine, "shop", rule_id="own")

    assert _withheld(engine, "s") == ("own", ["rule fence"])


def test_a_ring_fence_used_up_later_is_what_withheld(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("s", "shop", 6), ("m", "market", 6))
    _stock(engine, east=6)
    _rule(engine, "market", rule_id="fence", ring_fence=6, priority=20)

    assert _plan(engine) == {"m": [("east", 6)], "s": [(None, 0)]}
    assert _withheld(engine, "s") == (None, ["rule fence"])


def test_everything_that_withheld_is_named(engine: duckdb.DuckDBPyConnection) -> None:
    _ask(engine, ("s", "shop", 20))
    _stock(engine, east=20)
    _rule(engine, "market", rule_id="fence", ring_fence=6)
    _rule(engine, "shop", rule_id="own", buffer=2)
    assert _withheld(engine, "s") == ("own", ["rule fence", "rule own"])

    _buffer(engine, "shop", 8)
    _safety(engine, ANY, 3)
    assert _withheld(engine, "s") == ("own", ["rule fence", "channel buffer", "safety stock"])


def test_nothing_is_named_where_the_stock_went_to_others(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _ask(engine, ("m", "market", 6), ("s", "shop", 6))
    _stock(engine, east=6)
    _rule(engine, "market", priority=0)

    assert not _withheld(engine, "s")[1]


def _kit(
    engine: duckdb.DuckDBPyConnection, order_id: str, kits: int, placed_at: str, **parts: int
) -> None:
    for sku, each in parts.items():
        engine.execute(
            "insert into lines values (?, '1', ?, 'shop', null, ?, ?, null, ?)",
            [order_id, sku, kits * each, each, placed_at],
        )


def _supply(engine: duckdb.DuckDBPyConnection, **quantities: int) -> None:
    for sku, quantity in quantities.items():
        engine.execute("insert into supply values (?, 'east', ?)", [sku, quantity])


def _given(engine: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    rows = engine.execute(
        """
        select order_id, sku, sum(allocated_quantity)::bigint
        from allocate('lines', 'supply', 'policies', 'safety_stocks')
        group by order_id, sku
        """
    ).fetchall()
    return {(order_id, sku): quantity for order_id, sku, quantity in rows}


def test_a_kits_line_gets_its_components_for_whole_kits_only(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _kit(engine, "k", 2, "2026-01-01", X=2, Y=1)
    _supply(engine, X=4, Y=1)

    assert _given(engine) == {("k", "X"): 2, ("k", "Y"): 1}
    assert engine.execute(
        "select sku, is_kit_incomplete "
        "from allocate('lines', 'supply', 'policies', 'safety_stocks') order by sku"
    ).fetchall() == [("X", True), ("Y", False)]


def test_what_a_kit_cannot_complete_goes_to_the_lines_behind_it(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _kit(engine, "k1", 5, "2026-01-01", X=1, Y=1)
    _kit(engine, "k2", 5, "2026-01-02", X=1, Z=1)
    _kit(engine, "k3", 5, "2026-01-03", Z=1, W=1)
    _kit(engine, "s", 9, "2026-01-04", X=1)
    _supply(engine, X=6, Y=1, Z=3, W=3)

    assert _given(engine) == {
        ("k1", "X"): 1,
        ("k1", "Y"): 1,
        ("k2", "X"): 3,
        ("k2", "Z"): 3,
        ("k3", "Z"): 0,
        ("k3", "W"): 0,
        ("s", "X"): 2,
    }


def test_a_kit_that_has_one_component_already_asks_for_the_rest(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    _kit(engine, "k", 1, "2026-01-01", X=1)
    _kit(engine, "k", 2, "2026-01-01", Y=1)
    _supply(engine, Y=1)

    assert _given(engine) == {("k", "X"): 0, ("k", "Y"): 1}


@pytest.mark.parametrize("seed", range(5))
def test_kits_are_served_one_line_after_the_other(
    engine: duckdb.DuckDBPyConnection, seed: int
) -> None:
    random = Random(seed)
    stock = {sku: random.randint(0, 25) for sku in "ABCDEF"}
    _supply(engine, **stock)
    expected: dict[tuple[str, str], int] = {}
    for number in range(60):
        parts = {sku: random.randint(1, 3) for sku in random.sample("ABCDEF", 3)}
        kits = random.randint(1, 3)
        _kit(engine, f"{number:02}", kits, f"2026-01-01 00:{number:02}:00", **parts)
        whole = min(kits, *(stock[sku] // each for sku, each in parts.items()))
        for sku, each in parts.items():
            stock[sku] -= whole * each
            expected[f"{number:02}", sku] = whole * each

    assert _given(engine) == expected


@pytest.mark.parametrize("seed", range(5))
def test_no_plan_gives_out_more_than_asked_or_there(
    engine: duckdb.DuckDBPyConnection, seed: int
) -> None:
    engine.execute(
        """
        insert into lines
        select 'o' || i, '1', 'S' || (hash(i + $seed) % 40),
            case when hash(i * 3 + $seed) % 2 = 0 then 'shop' else 'market' end,
            null, 1 + hash(i * 7 + $seed) % 6, null, null, '2026-01-01'
        from range(2000) as t (i)
        """,
        {"seed": seed},
    )
    engine.execute(
        """
        insert into supply
        select 'S' || i, 'L' || j, hash(i * 100 + j + $seed) % 60
        from range(40) as t (i), range(4) as u (j)
        """,
        {"seed": seed},
    )
    _rule(engine, "shop", buffer=2, ring_fence=5, priority=2)
    _rule(engine, "market", ring_fence=7, priority=1)
    engine.execute(
        "create table plan as from allocate('lines', 'supply', 'policies', 'safety_stocks')"
    )

    over_asked, over_supplied, unserved = engine.execute(
        """
        select
            (select count(*) from (
                select order_id from plan join lines using (order_id)
                group by order_id, lines.quantity having sum(allocated_quantity) > lines.quantity)),
            (select count(*) from (
                select p.sku from plan as p join supply as s using (sku, location_id)
                group by p.sku, location_id, s.quantity
                having sum(allocated_quantity) > s.quantity)),
            (select count(*) from lines where order_id not in (select order_id from plan))
        """
    ).fetchone() or (1, 1, 1)

    assert (over_asked, over_supplied, unserved) == (0, 0, 0)
    assert engine.execute("select sum(allocated_quantity) from plan").fetchone() != (0,)
