"""Quantities, money and days are exact (promise T6)."""

from tests.integration.truths.homes import query
from tests.integration.truths.timekeeping import MOMENTS, local_day

RATIOS = """
    select table_name, column_name from information_schema.columns
    where table_schema = 'main' and data_type in ('FLOAT', 'DOUBLE')
    order by all
"""


def test_no_quantity_and_no_money_is_a_float(straight):
    ratios = query(straight, RATIOS)
    assert ratios
    assert [
        column
        for column in ratios
        if any(word in column[1] for word in ("quantity", "amount", "cost", "price", "units"))
    ] == []


def test_every_quantity_is_a_bigint_and_every_amount_a_decimal(straight):
    typed = query(
        straight,
        """
        select table_name, column_name, data_type from information_schema.columns
        where table_schema = 'main'
            and (column_name like '%quantity' or column_name like '%amount')
        """,
    )
    assert len(typed) > 70
    wanted = {"quantity": "BIGINT", "amount": "DECIMAL"}
    assert [
        column for column in typed if not column[2].startswith(wanted[column[1].split("_")[-1]])
    ] == []


def test_no_ratio_is_infinite_or_not_a_number(straight):
    for relation, column in query(straight, RATIOS):
        sql = f'select count(*) from "{relation}" where not isfinite("{column}")'
        assert query(straight, sql) == [(0,)], f"{relation}.{column}"


def test_a_metric_over_nothing_has_no_value(straight):
    assert query(
        straight, "select count(*) from kpi_values where denominator = 0 and value is not null"
    ) == [(0,)]


def test_each_move_is_on_the_day_that_the_calendar_of_its_place_says(straight):
    days = dict(
        query(
            straight,
            "select sku, valid_from_on from fct_stock_balances_daily where sku like 'DAYS-%'",
        )
    )
    assert days == {sku: local_day(sku) for sku in MOMENTS}


def test_an_instant_is_the_same_however_its_offset_is_written(straight):
    instants = dict(
        query(
            straight,
            "select sku, occurred_at from fct_stock_entries "
            "where sku like 'DAYS-%' and state = 'available'",
        )
    )
    assert instants == {sku: at.replace(tzinfo=None) for sku, (_, at) in MOMENTS.items()}
