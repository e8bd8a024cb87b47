"""The real third-party samples come out as counted by hand (shared/samples/INDEX.md)."""

from typing import Any

import duckdb
import pytest


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    return connection.execute(sql).fetchone() or ()


def test_every_purchase_order_and_line_lands(samples: duckdb.DuckDBPyConnection) -> None:
    files = dict(
        samples.execute(
            """
            select file_name, physical_count from meta_batches
            where source_system = 'adventureworks' and file_name like '%PurchaseOrder%'
            """
        ).fetchall()
    )

    assert {name.rsplit("/", 1)[-1]: count for name, count in files.items()} == {
        "PurchaseOrderHeader.csv": 4012,
        "PurchaseOrderDetail.csv": 8845,
    }
    assert _one(samples, "select count(*), count(distinct po_id) from fct_receipts "
                         "where source_system = 'adventureworks'") == (8845, 4012)  # fmt: skip


def test_received_less_rejected_is_stocked_on_every_line(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    assert _one(
        samples,
        """
        select
            count(*) filter (where received_quantity - rejected_quantity = put_away_quantity),
            count(*) filter (where rejected_quantity > 0),
            sum(rejected_quantity)
        from fct_receipts where source_system = 'adventureworks'
        """,
    ) == (8845, 563, 72700)


def test_short_receipts_are_exceptions_and_none_is_over(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    assert _one(
        samples, "select count(*) from fct_exceptions where exception_type = 'short_receipt'"
    ) == (380,)
    assert _one(
        samples,
        "select count(*) from fct_receipts "
        "where source_system = 'adventureworks' and difference_quantity > 0",
    ) == (0,)


def test_pending_orders_that_hold_received_units_are_exceptions(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    assert _one(
        samples,
        "select count(*), sum(quantity) from fct_exceptions "
        "where exception_type = 'pending_order_received'",
    ) == (225, 123027)


def test_stock_on_hand_ties_to_the_files_own_transactions(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    assert _one(
        samples,
        """
        select count(distinct sku), min(quantity), max(quantity)
        from fct_stock_balances
        where location_id = 'nw-warehouse' and state = 'available'
        """,
    ) == (28, 0, 80)
    assert (
        samples.execute(
            """
            with

            ledger as (
                select sku, sum(quantity) as quantity
                from fct_stock_balances
                where location_id = 'nw-warehouse' and state = 'available'
                group by sku
            ),

            moved as (
                select sku, sum(quantity * case when event_type = 'received' then 1 else -1 end)
                    as quantity
                from (
                    select sku, quantity, event_type from raw.receipts
                    where source_system = 'mywind'
                    union all
                    select sku, quantity, event_type from raw.fulfilment_events
                    where source_system = 'mywind'
                )
                group by sku
            )

            select sku from ledger full join moved using (sku)
            where ledger.quantity is distinct from moved.quantity
            """
        ).fetchall()
        == []
    )


def test_every_transaction_books_exactly_once(samples: duckdb.DuckDBPyConnection) -> None:
    assert _one(
        samples,
        "select count(distinct source_event_key), count(*) from fct_stock_movements "
        "where source_system = 'mywind'",
    ) == (102, 102)


def test_the_order_line_that_disagrees_with_its_transaction_is_found(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    details = samples.execute(
        "select subject, quantity from fct_exceptions where exception_type = 'line_mismatch'"
    ).fetchall()

    assert details == [("nw-80 · 86", 100)]


def test_purchase_lines_that_were_never_posted_are_found(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    assert _one(
        samples,
        "select count(*) from fct_exceptions where exception_type = 'purchase_line_not_received'",
    ) == (12,)


@pytest.mark.parametrize("system", ["adventureworks", "mywind"])
def test_nothing_is_lost(samples: duckdb.DuckDBPyConnection, system: str) -> None:
    physical, accounted = _one(
        samples,
        f"""
        select sum(physical_count), sum(loaded_count + duplicate_count + quarantined_count)
        from meta_batches where source_system = '{system}'
        """,
    )

    assert physical == accounted > 0


def test_every_claim_of_real_companies_is_explained_to_the_unit(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    claims = samples.execute(
        """
        select system, count(*), count(*) filter (variance_quantity != coalesce(caused.quantity, 0))
        from recon_variances
        left join (
            select claim_id, sum(quantity) as quantity from recon_causes group by claim_id
        ) as caused using (claim_id)
        group by system order by system
        """
    ).fetchall()

    assert claims == [("adventureworks", 1069, 0), ("amazon_sp", 500, 0)]


def test_what_amazon_holds_in_total_is_what_its_parts_add_up_to(
    samples: duckdb.DuckDBPyConnection,
) -> None:
    assert _one(
        samples,
        """
        select count(*), sum(claimed_quantity)::bigint, sum(part_quantity)::bigint,
            bool_and(is_usually_tied)
        from recon_totals where system = 'amazon_sp' and quantity_kind = 'on_hand'
        """,
    ) == (100, 24291, 24291, True)
