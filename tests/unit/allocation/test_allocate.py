"""The allocation engine as readers of a generation get it: the table macro itself."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

MACRO = Path(__file__).parents[3] / "dbt" / "macros" / "allocation.sql"
ANY = "*"


@pytest.fixture
def engine() -> duckdb.DuckDBPyConnection:
    text = MACRO.read_text()
    body = text.split("macro create_allocate() -%}")[1].split("{%- endmacro")[0]
    connection = duckdb.connect()
    connection.execute(body)
    connection.execute(
        """
        create table lines (order_id varchar, line_id varchar, sku varchar, channel_id varchar,
            requested_location_id varchar, quantity bigint, promised_ship_by timestamp,
            placed_at timestamp);
        create table supply (sku varchar, location_id varchar, quantity bigint);
        create table channels (channel_id varchar, channel_priority bigint);
        create table rules (rule_id varchar, version bigint, channel_id varchar, sku varchar,
            channel_priority bigint, ring_fence_quantity bigint, buffer_quantity bigint,
            location_order varchar[]);
        insert into channels values ('shop', 1), ('market', 2);
        """
    )
    return connection


def _ask(engine: duckdb.DuckDBPyConnection, *lines: tuple[str, str, int]) -> None:
    for order_id, channel_id, quantity in lines:
        engine.execute(
            "insert into lines values (?, '1', 'A', ?, null, ?, null, '2026-01-01')",
            [order_id, channel_id, quantity],
        )


def _stock(engine: duckdb.DuckDBPyConnection, **quantities: int) -> None:
    for location_id, quantity in quantities.items():
        engine.execute("insert into supply values ('A', ?, ?)", [location_id, quantity])


def _rule(engine: duckdb.DuckDBPyConnection, channel_id: str, **terms: object) -> None:
    engine.execute(
        "insert into rules values (?, 1, ?, ?, ?, ?, ?, ?)",
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
        from allocate('lines', 'supply', 'channels', 'rules')
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
        "insert into lines values ('s', '1', 'A', 'shop', 'east', 8, null, '2026-01-01')"
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


@pytest.mark.parametrize("seed", range(5))
def test_no_plan_gives_out_more_than_asked_or_there(
    engine: duckdb.DuckDBPyConnection, seed: int
) -> None:
    engine.execute(
        """
        insert into lines
        select 'o' || i, '1', 'S' || (hash(i + $seed) % 40),
            case when hash(i * 3 + $seed) % 2 = 0 then 'shop' else 'market' end,
            null, 1 + hash(i * 7 + $seed) % 6, null, '2026-01-01'
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
    engine.execute("create table plan as from allocate('lines', 'supply', 'channels', 'rules')")

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
