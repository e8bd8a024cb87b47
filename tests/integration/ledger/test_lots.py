"""Lots against what a regulated company's generator knows: breaches, a recall, exact cases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.landing.land import land_paths
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate
from tests.integration.ledger.conftest import AT, build, load

END = datetime(2026, 9, 1, tzinfo=UTC)


def _home(folder: Path, scenario: str, *selection: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a generated company, with its truth attached as views."""
    settings, truth = Settings(home=folder / "home"), folder / "truth"
    generate(settings.drop, scenario=scenario, scale="small", seed=23, end_at=END, truth=truth)
    land_paths(settings, [settings.drop], system=None, now=lambda: AT)
    load(settings)
    build(settings, *selection)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        for name in ("lots", "faults"):
            if (truth / f"{name}.ndjson").exists():
                connection.execute(
                    f"create temp view {name} as from read_json('{truth}/{name}.ndjson', "
                    "format = 'newline_delimited', union_by_name = true)"
                )
        yield connection


@pytest.fixture(scope="module")
def regulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    yield from _home(
        tmp_path_factory.mktemp("regulated"), "regulated", "+fct_fefo_breaches", "+fct_lot_traces"
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()


def test_every_pick_out_of_order_is_found_and_no_other(
    regulated: duckdb.DuckDBPyConnection,
) -> None:
    key = "sku, lot_id, location_id, order_id, order_line_id"
    planted = _rows(
        regulated, f"select {key} from lots where fact = 'fefo_breach' group by all order by all"
    )

    assert planted
    assert planted == _rows(
        regulated, f"select {key} from fct_fefo_breaches group by all order by all"
    )


def test_a_recall_names_every_order_that_got_the_lot(regulated: duckdb.DuckDBPyConnection) -> None:
    planted = _rows(
        regulated,
        """
        select sku, lot_id, order_id, order_line_id from lots
        where fact = 'recall_shipped' group by all order by all
        """,
    )

    assert planted
    assert planted == _rows(
        regulated,
        """
        select sku, lot_id, order_id, order_line_id
        from fct_lot_traces inner join dim_lots using (sku, lot_id)
        where is_recalled and trace_type = 'shipped' group by all order by all
        """,
    )


def test_a_recall_leads_back_to_the_supplier(regulated: duckdb.DuckDBPyConnection) -> None:
    orphans = _rows(
        regulated,
        """
        select sku, lot_id from dim_lots
        where is_recalled and not exists (
            select 1 from fct_lot_traces as traces
            where traces.sku = dim_lots.sku and traces.lot_id = dim_lots.lot_id
                and traces.trace_type = 'received'
        )
        """,
    )

    assert orphans == []


def test_every_unit_of_a_lot_is_accounted_for(regulated: duckdb.DuckDBPyConnection) -> None:
    untied = _rows(
        regulated,
        """
        select sku, lot_id, sum(quantity) filter (where trace_type in ('received', 'corrected'))
            as came, sum(quantity) filter (where trace_type in ('held', 'shipped')) as went
        from fct_lot_traces
        group by sku, lot_id having coalesce(came, 0) != coalesce(went, 0)
        """,
    )

    assert untied == []
    corrected = "select count(*) from fct_lot_traces where trace_type = 'corrected'"
    assert _rows(regulated, corrected) > [(0,)]
