"""The ledger books what the domain says, whatever happens in whatever order (promise T1)."""

from collections import Counter, defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.integration.truths.businesses import ZONES
from tests.integration.truths.homes import changes_in, query
from tests.integration.truths.shrinking import assert_booked_as_expected, gained

PHYSICAL = {
    *("in_transit", "receiving", "available", "reserved", "picked", "packed"),
    *("returned", "quarantined", "damaged", "expired"),
}


def test_every_balance_at_every_instant_is_the_references(businesses, straight, tmp_path):
    assert sum(len(business.events) for business in businesses) > 6000
    assert_booked_as_expected(businesses, changes_in(straight), tmp_path)


def test_current_balances_are_what_all_changes_add_up_to(businesses, straight):
    expected = Counter()
    for business in businesses:
        for (_, location, sku, lot, state), change in gained(business).items():
            account = f"{business.name}-{location}", f"{business.name}-{sku}", lot, state
            expected[account] += change

    balances = query(
        straight,
        "select location_id, sku, lot_id, state, quantity from fct_stock_balances "
        "where sku similar to 'B[0-9]{4}-.*' and quantity != 0",
    )

    assert {tuple(account): quantity for *account, quantity in balances} == {
        account: quantity for account, quantity in expected.items() if quantity
    }


def test_each_local_day_ends_with_the_references_balance(businesses, straight):
    expected = defaultdict(Counter)
    for business in businesses:
        for (at, location, sku, _, state), change in gained(business).items():
            if state in PHYSICAL:
                day = at.astimezone(ZoneInfo(ZONES[location])).date()
                account = f"{business.name}-{location}", f"{business.name}-{sku}", state
                expected[account][day] += change

    days = query(
        straight,
        "select location_id, sku, state, valid_from_on, valid_to_on, quantity "
        "from fct_stock_balances_daily where sku similar to 'B[0-9]{4}-.*'",
    )

    found = {(*account, day): quantity for *account, day, _, quantity in days}
    for account, changes in expected.items():
        for day in changes:
            so_far = sum(change for on, change in changes.items() if on <= day)
            assert found[*account, day] == so_far, (account, day)
    ends = {(*account, start): end for *account, start, end, _ in days}
    assert all(end is None or (*key[:3], end) in ends for key, end in ends.items())
    assert all(end is None or end - key[3] >= timedelta(days=1) for key, end in ends.items())


def test_every_movement_takes_as_much_as_it_gives(straight):
    assert query(straight, "select count(*) from fct_stock_entries")[0][0] > 10_000
    assert (
        query(
            straight,
            """
            select movement_id from fct_stock_entries group by movement_id
            having sum(quantity) != 0 or count(*) != 2 or count(distinct sign(quantity)) != 2
                or count(distinct sku) != 1 or count(distinct lot_id) > 1
            """,
        )
        == []
    )


def test_a_lot_driven_below_zero_is_flagged_not_clamped(businesses, straight):
    flags = (
        "select sku, from_location_id, lot_id, from_state, occurred_at "
        "from fct_stock_movements where flag is not null"
    )
    flagged = set(query(straight, flags))
    below = 0
    for business in businesses:
        balances = Counter()
        in_order = sorted(gained(business).items(), key=lambda item: item[0][0])
        for (at, location, sku, lot, state), change in in_order:
            balances[location, sku, lot, state] += change
            is_short = balances[location, sku, lot, state] < 0 and change < 0
            if is_short and lot and state in PHYSICAL:
                below += 1
                named = f"{business.name}-{sku}", f"{business.name}-{location}"
                assert (*named, lot, state, at.replace(tzinfo=None)) in flagged, business.name
    assert below > 200
