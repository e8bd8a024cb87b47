"""A small sound warehouse whose books balance, to be damaged by the tests."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from expectations.runner import Which, run_suites
from ingestion.landing.load import ensure_raw
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

BUILT = """
    create table main.fct_stock_movements as
        select 'm1' as movement_id, 3::bigint as quantity, null::varchar as flag
        union all select 'm2', 1::bigint, null;
    create table main.fct_stock_entries as
        select * from (values
            ('m1', 'L', 'A', null::varchar, 'receiving', -3::bigint),
            ('m1', 'L', 'A', null, 'available', 3),
            ('m2', 'L', 'A', null, 'available', -1),
            ('m2', 'L', 'A', null, 'lost', 1)
        ) as rows (movement_id, location_id, sku, lot_id, state, quantity);
    create table main.fct_stock_balances as
        select
            location_id, sku, lot_id, state, sum(quantity)::bigint as quantity,
            state = 'available' as is_physical,
            false as is_short
        from main.fct_stock_entries group by all;
    create table main.kpi_definitions as
        select
            'fill' as metric, 'line' as variant, 'ratio' as unit, 'ratio' as aggregation,
            true as is_headline, 'orders order_lines' as feeds;
    create table main.kpi_values as
        select
            'fill' as metric, 'line' as variant, date '2026-02-01' as period,
            9::decimal(38, 6) as numerator, 10::decimal(38, 6) as denominator,
            0.9::double as value, 0.6::double as low, 0.98::double as high
"""


class Court:
    """A home with a small warehouse, and the short way to have it judged."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def write(self, sql: str) -> None:
        with open_warehouse(self.settings) as connection:
            connection.execute(sql)

    def ask(self, sql: str) -> list[tuple]:
        with open_warehouse(self.settings) as connection:
            return connection.execute(sql).fetchall()

    def judge(self, which: Which):
        return run_suites(self.settings, which, lambda: AT)

    def failed(self, which: Which) -> set[str]:
        """The names of the checks that do not hold."""
        return {result.check_name for result in self.judge(which) if not result.passed}


@pytest.fixture(scope="session")
def judged(shared) -> Settings:
    """A home that was judged before anything arrived: later only what arrives is."""

    def make(home: Path) -> None:
        made = Court(Settings.model_validate({"home": home}))
        with open_warehouse(made.settings) as connection:
            ensure_raw(connection)
            connection.execute(BUILT)
        made.judge(Which.LANDING)

    return shared("court", make)


@pytest.fixture
def court(judged, tmp_path) -> Court:
    home = shutil.copytree(judged.root, tmp_path / "home")
    return Court(Settings.model_validate({"home": home}))
