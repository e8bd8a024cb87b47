"""Two real companies land with nothing lost, and their files' figures come out."""

from datetime import UTC, datetime

import pytest

SAMPLED_AT = datetime(2026, 9, 1, tzinfo=UTC)
ADVENTUREWORKS, MYWIND = "adventureworks_oltp", "northwind_inventory_mywind"


@pytest.fixture
def adventureworks(home, samples):
    home.clock = lambda: SAMPLED_AT
    home.land(samples / ADVENTUREWORKS, system="adventureworks")
    return home, {batch.file_name: batch for batch in home.load()}


@pytest.fixture
def mywind(home, samples):
    home.land(samples / MYWIND, system="mywind")
    return home, {batch.file_name: batch for batch in home.load()}


def test_adventureworks_lands_every_header_line_and_bin(adventureworks):
    home, batches = adventureworks
    assert batches["PurchaseOrderHeader.csv"].loaded_count == 4_012
    assert batches["PurchaseOrderDetail.csv"].loaded_count == 8_845
    assert batches["ProductInventory.csv"].loaded_count == 1_069
    assert all(batch.physical_count == batch.loaded_count for batch in batches.values())
    counted = "select count(distinct po_id), count(*) from raw.purchase_orders"
    assert home.query(counted) == [(4_012, 8_845)]
    assert home.query("select count(*), count(distinct sku) from raw.stock") == [(1_069, 432)]


def test_adventureworks_stocks_what_it_received_less_what_it_refused(adventureworks):
    home, _ = adventureworks
    lines = home.query(
        """select
            count(*), count(*) filter (stocked = received - rejected), sum(rejected),
            count(*) filter (rejected > 0)
        from (
            select
                coalesce(sum(quantity) filter (event_type = 'received'), 0) as received,
                coalesce(sum(quantity) filter (event_type = 'rejected'), 0) as rejected,
                coalesce(sum(quantity) filter (event_type = 'put_away'), 0) as stocked,
            from raw.receipts group by po_id, po_line_id
        )"""
    )
    assert lines == [(8_845, 8_845, 72_700, 563)]


def test_adventureworks_shows_short_receipts_and_pending_orders_that_hold_goods(adventureworks):
    home, _ = adventureworks
    compared = home.query(
        """select
            count(*) filter (receipts.quantity < lines.quantity),
            count(*) filter (receipts.quantity > lines.quantity),
            count(distinct lines.po_id) filter (lines.status = 'pending'),
        from raw.purchase_orders as lines
        inner join raw.receipts
            on lines.po_id = receipts.po_id and lines.line_id = receipts.po_line_id
        where receipts.event_type = 'received'"""
    )
    assert compared == [(380, 0, 225)]
    stocked = home.query(
        """select sum(receipts.quantity) from raw.purchase_orders as lines
        inner join raw.receipts
            on lines.po_id = receipts.po_id and lines.line_id = receipts.po_line_id
        where lines.status = 'pending' and receipts.event_type = 'put_away'"""
    )
    assert stocked == [(123_027,)]


def test_mywind_books_every_transaction_once(mywind):
    home, batches = mywind
    assert batches["inventory_transactions.csv"].loaded_count == 102
    events = home.query(
        """select event_type, count(*), count(distinct source_event_key) from (
            select event_type, source_event_key from raw.receipts
            union all select event_type, source_event_key from raw.fulfilment_events
        ) group by event_type order by event_type"""
    )
    assert events == [("received", 43, 43), ("reserved", 10, 10), ("shipped", 49, 49)]


def test_mywind_stock_is_never_negative_and_at_most_80_of_28_products(mywind):
    home, _ = mywind
    balances = home.query(
        """select count(*), min(lowest), max(final) from (
            select sku, min(balance) as lowest, max_by(balance, position) as final from (
                select
                    sku,
                    row_number() over transactions as position,
                    sum(quantity) over transactions as balance,
                from (
                    select sku, occurred_at, source_event_key, quantity from raw.receipts
                    union all
                    select sku, occurred_at, source_event_key, -quantity from raw.fulfilment_events
                )
                window transactions as (
                    partition by sku order by occurred_at, source_event_key::integer
                )
            ) group by sku
        )"""
    )
    assert balances == [(28, 0, 80)]


def test_mywind_order_line_86_disagrees_with_its_transaction_and_only_it(mywind):
    home, _ = mywind
    linked = home.query(
        """select lines.line_id, lines.sku, lines.quantity, events.sku, events.quantity
        from raw.fulfilment_events as events
        inner join raw.order_lines as lines using (order_id, line_id)
        where (lines.sku, lines.quantity) is distinct from (events.sku, events.quantity)"""
    )
    assert linked == [("86", "NW-56", 10, "NW-56", 110)]
    tied = "select count(*) from raw.fulfilment_events inner join raw.order_lines using (line_id)"
    assert home.query(tied) == [(56,)]


def test_mywind_shows_12_purchase_lines_never_posted_and_43_that_tie(mywind):
    home, _ = mywind
    lines = home.query(
        """select
            count(*),
            count(*) filter (receipts.po_id is null),
            count(*) filter (
                receipts.sku = lines.sku and receipts.quantity = lines.quantity
            ),
        from raw.purchase_orders as lines
        left join raw.receipts
            on lines.po_id = receipts.po_id and lines.line_id = receipts.po_line_id"""
    )
    assert lines == [(55, 12, 43)]


def test_mywind_loses_nothing_and_refuses_only_lines_that_order_nothing(mywind):
    _, batches = mywind
    assert all(
        batch.physical_count == batch.loaded_count + batch.quarantined_count
        for batch in batches.values()
    )
    refused = {name: b.quarantined_count for name, b in batches.items() if b.quarantined_count}
    assert refused == {"order_details.csv": 2}


def test_both_companies_share_one_home_without_sharing_a_code(home, samples):
    home.land(samples / ADVENTUREWORKS, system="adventureworks")
    home.land(samples / MYWIND, system="mywind")
    home.load()
    shared = home.query(
        """select code from (
            select sku as code, source_system from raw.products
            union all select po_id, source_system from raw.purchase_orders
            union all select supplier_id, source_system from raw.suppliers
            union all select location_id, source_system from raw.locations
        ) group by code having count(distinct source_system) > 1"""
    )
    assert shared == []
