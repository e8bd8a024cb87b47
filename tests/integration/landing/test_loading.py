"""Loading is whole or not at all, and the same facts never count twice."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from ingestion.contracts.feeds import FEEDS, LINEAGE
from ingestion.landing import load
from ingestion.landing.arrivals import LandingStatus
from ingestion.landing.load import ensure_raw, load_batches
from ingestion.landing.quarantine import list_quarantine, retry
from ingestion.warehouse import open_warehouse

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EVENTS = "event_type,occurred_at,order_id,line_id,sku,quantity\n"
ROWS = [f"shipped,2025-01-0{day}T10:00:00Z,{day},1,A,1\n" for day in range(1, 7)]


def loaded_rows(home) -> list[tuple]:
    return home.query(
        "select event_type, occurred_at, order_id, sku, quantity, source_event_key, record_hash "
        "from raw.fulfilment_events order by all"
    )


def test_every_raw_table_exists_before_anything_lands(home):
    with open_warehouse(home.settings) as connection:
        ensure_raw(connection)
        ensure_raw(connection)
    columns = home.query(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'raw' order by table_name, ordinal_position"
    )
    for feed in FEEDS.values():
        expected = [*feed.column_names, *(column.name for column in LINEAGE)]
        assert [name for table, name in columns if table == feed.name] == expected


def test_the_same_bytes_twice_are_one_batch_whatever_the_file_is_called(home):
    first = home.land_text("fulfilment_events-1.csv", EVENTS + "".join(ROWS))
    second = home.land_text("fulfilment_events-again.csv", EVENTS + "".join(ROWS))
    assert second.status is LandingStatus.ALREADY_LANDED
    assert second.batch_id == first.batch_id
    assert len(home.load()) == 1
    assert home.load() == []


def test_split_merged_and_reordered_files_load_the_same_rows(home):
    home.land_text("fulfilment_events-whole.csv", EVENTS + "".join(ROWS))
    home.land_text("fulfilment_events-late.csv", EVENTS + "".join(reversed(ROWS[3:])))
    home.land_text("fulfilment_events-early.csv", EVENTS + "".join(ROWS[:4]))
    batches = home.load()
    assert sum(batch.loaded_count for batch in batches) == 6
    assert sum(batch.duplicate_count for batch in batches) == 7
    assert len(loaded_rows(home)) == 6


def test_a_record_lost_on_its_way_in_is_no_duplicate_so_the_counts_part(home, monkeypatch):
    home.land_text("fulfilment_events-1.csv", EVENTS + "".join(ROWS[:3]))
    monkeypatch.setattr(
        load, "_REPEATED", "where incoming.row_number != 2 and recorded_at between $1 and $2"
    )
    (batch,) = home.load()
    counted = (batch.loaded_count, batch.duplicate_count, batch.quarantined_count)
    assert (batch.physical_count, counted) == (3, (2, 0, 0))


def test_a_load_that_stops_in_the_middle_loses_and_doubles_nothing(home):
    home.land_text("fulfilment_events-1.csv", EVENTS + "".join(ROWS[:3]))
    home.land_text("fulfilment_events-2.csv", EVENTS + "".join(ROWS[3:]))
    ticks = iter([home.clock()])

    def clock_that_stops():
        try:
            return next(ticks)
        except StopIteration:
            raise KeyboardInterrupt from None

    with open_warehouse(home.settings) as connection, pytest.raises(KeyboardInterrupt):
        load_batches(connection, home.settings, clock_that_stops)
    assert len(loaded_rows(home)) == 3
    home.load()
    assert len(loaded_rows(home)) == 6
    assert home.query("select count(*) from raw.batches") == [(2,)]


def test_a_batch_that_cannot_be_loaded_leaves_no_row_behind(home):
    landed = home.land_text("fulfilment_events.csv", EVENTS + ROWS[0] + "bad" + ROWS[1])
    quarantine = home.settings.batches / landed.batch_id / "quarantine.parquet"
    kept = quarantine.read_bytes()
    quarantine.write_bytes(b"damaged")
    with pytest.raises(duckdb.Error):
        home.load()
    assert loaded_rows(home) == []
    quarantine.write_bytes(kept)
    home.load()
    assert len(loaded_rows(home)) == 1


def test_a_revision_is_loaded_beside_the_first_statement(home):
    orders = "order_id,channel_id,placed_at,recorded_at,cancelled_at\n1,web,2025-01-01T00:00:00Z,"
    home.land_text("orders-1.csv", orders + "2025-01-01T00:00:00Z,\n")
    home.land_text("orders-2.csv", orders + "2025-01-02T00:00:00Z,2025-01-02T00:00:00Z\n")
    assert sum(batch.loaded_count for batch in home.load()) == 2


UNTIMED = "order_id,channel_id,placed_at,payment_status\n"
FIRST = "1,web,2025-01-01T00:00:00Z,pending\n"


def deliver_orders(home, *files: str):
    """Land and load one file after the other, an hour apart, each with other bytes."""
    counts = []
    for number, text in enumerate(files):
        at = AT + timedelta(hours=number)
        home.clock = lambda at=at: at
        home.land_text(f"orders-{number}.csv", UNTIMED + text + "\n" * number)
        (batch,) = home.load()
        counts.append((batch.loaded_count, batch.duplicate_count))
    return counts


def newest_status(home):
    ((status,),) = home.query(
        "select payment_status from raw.orders where order_id = '1' "
        "qualify row_number() over (order by recorded_at desc) = 1"
    )
    return status


@pytest.mark.parametrize("status", ["paid", "failed", "refunded"])
def test_of_two_statements_without_a_time_the_later_file_is_the_newest(home, status):
    counts = deliver_orders(home, FIRST, FIRST.replace("pending", status))
    assert counts == [(1, 0), (1, 0)]
    assert newest_status(home) == status


def test_the_same_statement_without_a_time_in_a_later_file_is_a_duplicate(home):
    more = FIRST + "2,web,2025-01-02T00:00:00Z,paid\n"
    assert deliver_orders(home, FIRST, more, more) == [(1, 0), (1, 1), (0, 2)]


def test_a_statement_may_go_back_to_what_was_said_before(home):
    paid = FIRST.replace("pending", "paid")
    assert deliver_orders(home, FIRST, paid, FIRST) == [(1, 0), (1, 0), (1, 0)]
    assert newest_status(home) == "pending"


def test_an_earlier_file_read_again_does_not_overrule_a_later_one(home):
    bad = FIRST + "2,web,2025-02-30,paid\n"
    deliver_orders(home, bad, FIRST.replace("pending", "paid"))
    (batch,) = list_quarantine(home.settings)
    retry(home.settings, batch.batch_id, home.clock)
    (again,) = home.load()
    assert (again.loaded_count, again.duplicate_count, again.quarantined_count) == (0, 1, 1)
    assert newest_status(home) == "paid"


@pytest.mark.parametrize(
    ("feed", "header", "row"),
    [
        ("suppliers", "supplier_id,name", "S{n},Acme"),
        ("bills_of_materials", "kit_sku,component_sku,quantity,valid_from", "K,C{n},1,"),
        ("product_aliases", "source_system,alias,sku", "wms,x{n},A"),
    ],
)
def test_the_same_master_data_in_a_later_file_is_a_duplicate(home, feed, header, row):
    rows = [row.format(n=n) + "\n" for n in range(2)]
    home.land_text(f"{feed}-1.csv", f"{header}\n{rows[0]}")
    home.load()
    home.clock = lambda: AT + timedelta(hours=1)
    home.land_text(f"{feed}-2.csv", f"{header}\n{rows[0]}{rows[1]}")
    (batch,) = home.load()
    assert (batch.loaded_count, batch.duplicate_count) == (1, 1)


def test_two_picks_from_two_bins_at_one_instant_are_two_rows(home):
    header = EVENTS.replace("\n", ",bin_id\n")
    pick = ROWS[0].replace("shipped", "picked").strip()
    home.land_text("fulfilment_events.csv", f"{header}{pick},A-1\n{pick},A-2\n")
    (batch,) = home.load()
    assert batch.loaded_count == 2
    assert home.query("select count(distinct source_event_key) from raw.fulfilment_events") == [
        (2,)
    ]


def test_an_event_dated_after_its_file_came_is_quarantined_and_the_rest_loads(home):
    home.land_text("fulfilment_events.csv", EVENTS + ROWS[0] + ROWS[1].replace("2025", "2052"))
    (batch,) = home.load()
    assert (batch.loaded_count, batch.quarantined_count) == (1, 1)
    ((rule, reason),) = home.query("select rule, reason from raw.quarantine")
    assert rule == "not_yet_happened"
    assert "send the row again" in reason


def test_a_file_in_the_drop_folder_lands_once_and_stays_there(home):
    shop = home.settings.drop / "shop"
    shop.mkdir(parents=True)
    (shop / "fulfilment_events.csv").write_text(EVENTS + ROWS[0])
    (landed,) = home.land_drop()
    assert landed.source_system == "shop"
    assert home.land_drop() == []
    (shop / "fulfilment_events.csv").write_text(EVENTS + "".join(ROWS[:2]))
    assert len(home.land_drop()) == 1
    batches = home.load()
    assert sum(batch.loaded_count for batch in batches) == 2
    assert {batch.source_system for batch in batches} == {"shop"}


def test_a_file_half_written_under_a_temporary_name_waits(home):
    shop = home.settings.drop / "shop"
    shop.mkdir(parents=True)
    (shop / "fulfilment_events.csv.part").write_text(EVENTS + ROWS[0])
    assert home.land_drop() == []


def test_what_a_dead_landing_left_behind_is_swept(home):
    left = home.settings.batches / ".landing-999999999-abc"
    left.mkdir(parents=True)
    (left / "half.parquet").write_bytes(b"x")
    home.land_text("fulfilment_events.csv", EVENTS + ROWS[0])
    assert not left.exists()


def test_rows_name_their_own_system_or_belong_to_the_folder(home):
    header = EVENTS.replace("event_type", "source_system,event_type")
    home.land_text("fulfilment_events.csv", header + "wms," + ROWS[0] + "," + ROWS[1])
    home.load()
    systems = home.query("select source_system from raw.fulfilment_events order by order_id")
    assert systems == [("wms",), ("native",)]


def test_master_data_is_known_from_the_time_its_file_was_registered(home):
    home.land_text("suppliers.csv", "supplier_id,name\nS1,Acme\n")
    home.load()
    ((recorded, ingested),) = home.query("select recorded_at, ingested_at from raw.suppliers")
    assert recorded == ingested == home.clock().replace(tzinfo=None)


def test_the_sources_table_follows_the_source_folders(home):
    home.load()
    before = {system for (system,) in home.query("select source_system from raw.sources")}
    own = home.settings.user_sources / "shop"
    own.mkdir(parents=True)
    (own / "source.yml").write_text("{system: shop, owner: web team, uses: native}")
    home.load()
    after = {system for (system,) in home.query("select source_system from raw.sources")}
    assert after - before == {"shop"}


def test_loading_again_later_changes_nothing(home):
    home.land_text("fulfilment_events.csv", EVENTS + ROWS[0])
    home.load()
    before = home.query("select * from raw.batches")
    later = home.clock() + timedelta(days=1)
    home.clock = lambda: later
    home.load()
    assert home.query("select * from raw.batches") == before


def test_going_back_to_an_earlier_file_says_what_stays_in_force_and_what_to_do(home):
    first = "sku,unit_cost\nA,3.20\n"
    home.land_text("products.csv", first)
    assert "stay in force" not in home.land_text("products.csv", first).message
    home.clock = lambda: AT + timedelta(hours=1)
    home.land_text("products.csv", first.replace("3.20", "9.99"))
    again = home.land_text("products.csv", first)
    assert again.status is LandingStatus.ALREADY_LANDED
    assert "2026-01-02 03:04 UTC" in again.message
    assert "newer files of products came since and stay in force" in again.message
    assert "recorded_at" in again.message


def test_equal_events_of_one_file_without_a_key_count_once_and_say_so(home):
    header = "event_type,occurred_at,sku,quantity,location_id"
    row = "received,2025-01-01T00:00:00Z,A,5,fc\n"
    landed = home.land_text("receipts.csv", f"{header}\n{row}{row}")
    assert "1 of its events say what another row says" in landed.message
    (batch,) = home.load()
    assert (batch.loaded_count, batch.duplicate_count) == (1, 1)
    keyed = f"{header},source_event_key\n{row.strip()},k1\n{row.strip()},k2\n"
    assert home.land_text("receipts-2.csv", keyed).message == ""
