"""Quarantine can be listed, looked at, mended and tried again."""

from datetime import UTC, datetime

import duckdb
import pytest

from dagster_project.lib.publication import Edition, Relation, publish
from ingestion.landing.batches import UnknownBatchError
from ingestion.landing.check import check_source
from ingestion.landing.land import land_paths
from ingestion.landing.quarantine import NothingToRetryError, list_quarantine, retry, show
from ingestion.landing.sources import UnknownSourceError

SOURCE = """
system: acme
owner: ops
timezone: Europe/Berlin
format: {delimiter: ";", decimal_comma: true, null_text: ["-"]}
feeds:
  - feed: order_lines
    files: ["lines*.csv"]
    with: {articles: "articles.csv"}
  - feed: reference
    files: ["articles.csv"]
"""
MAPPING = """
select row_number, auftrag as order_id, pos as line_id, articles.sku, {quantity} as quantity,
    preis as unit_price
from source left join articles on source.artikel = articles.nr
"""
LINES = "auftrag;pos;artikel;menge;preis\n1;1;7;2;1,50\n1;2;8;3;-\n1;3;7;Stück 4;2\n"
ARTICLES = "nr;sku\n7;SEVEN\n8;EIGHT\n"


@pytest.fixture
def acme(home):
    folder = home.settings.user_sources / "acme"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(SOURCE)
    (folder / "order_lines.sql").write_text(MAPPING.format(quantity="menge"))
    return folder


@pytest.mark.usefixtures("acme")
def test_an_analysts_own_mapping_lands_a_file_with_its_lookup(home):
    home.write("lines.csv", LINES)
    home.write("articles.csv", ARTICLES)
    home.land(home.inbox, system="acme")
    batches = {batch.file_name: batch for batch in home.load()}
    assert batches["articles.csv"].loaded_count == 2
    lines = batches["lines.csv"]
    assert (lines.physical_count, lines.loaded_count, lines.quarantined_count) == (3, 2, 1)
    rows = home.query("select sku, quantity, unit_price::varchar from raw.order_lines order by 1")
    assert rows == [("EIGHT", 3, None), ("SEVEN", 2, "1.5000")]


@pytest.mark.usefixtures("acme")
def test_a_file_waits_for_its_lookup_and_lands_once_it_is_there(home):
    drop = home.settings.drop / "acme"
    drop.mkdir(parents=True)
    (drop / "lines.csv").write_text(LINES)
    (waiting,) = home.land_drop()
    assert waiting.status == "waiting"
    assert "articles.csv" in waiting.message
    (drop / "articles.csv").write_text(ARTICLES)
    statuses = {landed.path.name: landed.status for landed in home.land_drop()}
    assert statuses == {"articles.csv": "landed", "lines.csv": "landed"}


@pytest.mark.usefixtures("acme")
def test_a_lookup_that_landed_before_is_found_again(home):
    home.land(home.write("early/articles.csv", ARTICLES), system="acme")
    (landed,) = home.land(home.write("late/lines.csv", LINES), system="acme")
    assert landed.status == "landed"


def test_a_mended_mapping_loads_what_was_quarantined_and_doubles_nothing(home, acme):
    home.write("articles.csv", ARTICLES)
    home.write("lines.csv", LINES)
    home.land(home.inbox, system="acme")
    home.load()
    (bad,) = list_quarantine(home.settings)
    assert bad.rules == {"not_a_number": 1}
    (record,) = show(home.settings, bad.batch_id, 3)
    assert record.record == "1;3;7;Stück 4;2"

    mended = MAPPING.format(quantity="regexp_extract(menge, '[0-9]+')")
    (acme / "order_lines.sql").write_text(mended)
    again = retry(home.settings, bad.batch_id, home.clock)
    (batch,) = home.load()
    assert (batch.batch_id, batch.loaded_count, batch.duplicate_count) == (again.batch_id, 1, 2)
    assert home.query("select count(*), sum(quantity) from raw.order_lines") == [(3, 9)]
    assert list_quarantine(home.settings) == []
    assert home.query("select superseded_by from raw.quarantine") == [(again.batch_id,)]
    with pytest.raises(NothingToRetryError):
        retry(home.settings, bad.batch_id, home.clock)


@pytest.mark.usefixtures("acme")
def test_a_retry_with_nothing_mended_quarantines_again(home):
    home.write("articles.csv", ARTICLES)
    home.write("lines.csv", LINES)
    home.land(home.inbox, system="acme")
    (bad,) = list_quarantine(home.settings)
    again = retry(home.settings, bad.batch_id, home.clock)
    assert again.quarantined_count == 1
    assert [batch.batch_id for batch in list_quarantine(home.settings)] == [again.batch_id]
    home.load()
    assert home.query("select count(*) from raw.order_lines") == [(2,)]


def test_a_file_nobody_took_lands_once_a_mapping_takes_it(home, acme):
    drop = home.settings.drop / "acme"
    drop.mkdir(parents=True)
    (drop / "counts.csv").write_text("count_id;counted_at;location_id;sku;counted_quantity\n")
    (landed,) = home.land_drop()
    assert landed.status == "quarantined"
    (acme / "source.yml").write_text(SOURCE + "  - {feed: counts, files: [counts.csv]}\n")
    (acme / "counts.sql").write_text("select * from source")
    (landed,) = home.land_drop()
    assert landed.status == "landed"
    assert list_quarantine(home.settings) == []


def test_a_record_that_no_mapping_takes_is_quarantined(home, acme):
    (acme / "order_lines.sql").write_text(
        MAPPING.format(quantity="regexp_extract(menge, '[0-9]+')") + " where pos <> '2'"
    )
    home.write("articles.csv", ARTICLES)
    home.land(home.write("lines.csv", LINES), system="acme")
    (bad,) = list_quarantine(home.settings)
    assert bad.rules == {"unmapped": 1}
    assert show(home.settings, bad.batch_id, None)[0].record == "1;2;8;3;-"


def test_a_record_with_one_bad_row_loads_none_of_its_rows(home):
    folder = home.settings.user_sources / "pairs"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(
        "{system: pairs, owner: ops, feeds: ["
        "{feed: orders, files: [p.csv]}, {feed: order_lines, files: [p.csv]}]}"
    )
    (folder / "orders.sql").write_text(
        "select row_number, id as order_id, 'web' as channel_id, placed as placed_at from source"
    )
    (folder / "order_lines.sql").write_text(
        "select row_number, id as order_id, 1 as line_id, sku, quantity from source"
    )
    home.land(
        home.write("p.csv", "id,placed,sku,quantity\n1,2025-01-01,A,1\n2,2025-01-01,B,0\n"),
        system="pairs",
    )
    (batch,) = home.load()
    assert (batch.loaded_count, batch.quarantined_count) == (1, 1)
    assert home.query("select order_id from raw.orders") == [("1",)]


def test_a_mapping_can_be_tried_without_leaving_a_trace(home, acme):
    home.write("articles.csv", ARTICLES)
    home.write("lines.csv", LINES)
    check = check_source(acme, home.inbox, home.clock)
    lines = next(file for file in check.files if file.file_name == "lines.csv")
    assert not check.is_clean
    assert lines.rows == {"order_lines": 2}
    assert lines.first_rows["order_lines"]["sku"].to_list() == ["SEVEN", "EIGHT"]
    assert lines.quarantined[0].rule == "not_a_number"
    assert not home.settings.batches.exists()


@pytest.mark.usefixtures("acme")
def test_unknown_names_are_told_what_there_is(home):
    with pytest.raises(UnknownSourceError, match="acme"):
        land_paths(home.settings, [home.inbox], system="amce", now=home.clock)
    with pytest.raises(UnknownBatchError, match="quarantine list"):
        show(home.settings, "no-such-batch", None)


@pytest.fixture
def stage(home):
    """Publishes a generation whose build found these rows of a batch wanting."""

    def publish_(batch_id, *row_numbers):
        rows = " union all ".join(
            f"select '{batch_id}' as batch_id, {number}::bigint as row_number, "
            "'native' as source_system, 'order_lines.csv' as file_name, 'order_lines' as feed, "
            "'unknown_sku' as rule, 'No product X is known.' as reason, 'native 1 X' as record, "
            "'staging' as found_at"
            for number in row_numbers
        )
        edition = Edition(datetime(2026, 1, 2, tzinfo=UTC), "run", "0:0")
        with duckdb.connect() as connection:
            publish(connection, home.settings, (Relation("meta_quarantine", rows),), edition)

    return publish_


ORDER_LINES = "order_id,line_id,sku,quantity\n1,1,X,1\n1,2,A,1\n"


def test_what_waits_for_master_data_is_listed_and_shown_and_comes_back_by_itself(home, stage):
    landed = home.land_text("order_lines.csv", ORDER_LINES)
    assert list_quarantine(home.settings) == []
    stage(landed.batch_id, 1)
    (batch,) = list_quarantine(home.settings)
    assert (batch.quarantined_count, batch.rules) == (1, {"unknown_sku": 1})
    (record,) = show(home.settings, landed.batch_id, None)
    assert (record.row_number, record.found_at) == (1, "staging")
    with pytest.raises(NothingToRetryError, match="come back by themselves"):
        retry(home.settings, landed.batch_id, home.clock)


def test_a_batch_refused_in_part_is_read_again_and_the_rest_still_waits(home, stage):
    landed = home.land_text("order_lines.csv", ORDER_LINES + "1,3,A,none\n")
    stage(landed.batch_id, 1)
    assert list_quarantine(home.settings)[0].quarantined_count == 2
    assert [r.row_number for r in show(home.settings, landed.batch_id, None)] == [3, 1]
    again = retry(home.settings, landed.batch_id, home.clock)
    assert again.quarantined_count == 1
    assert "1 of its records wait for master data" in again.message
    (batch,) = list_quarantine(home.settings)
    assert (batch.batch_id, batch.quarantined_count) == (again.batch_id, 2)
    assert [r.row_number for r in show(home.settings, again.batch_id, None)] == [3, 1]


def test_a_record_that_a_later_reading_refuses_is_not_told_to_wait_as_well(home, stage):
    landed = home.land_text("order_lines.csv", ORDER_LINES + "1,3,A,none\n")
    stage(landed.batch_id, 3)
    again = retry(home.settings, landed.batch_id, home.clock)
    (batch,) = list_quarantine(home.settings)
    assert (batch.batch_id, batch.quarantined_count) == (again.batch_id, 1)
    assert [r.found_at for r in show(home.settings, again.batch_id, None)] == ["landing"]


GOODS_IN = "document,booked_at,article,pieces\nGR-7,2025-06-01,A,5\nGR-7,2025-06-01,B,3\n"
RECEIPTS = (
    "select row_number, 'received' as event_type, {} as source_event_key, "
    "booked_at as occurred_at, article as sku, pieces as quantity from source"
)


def test_a_key_that_names_a_document_of_several_lines_is_found_before_anything_lands(home):
    folder = home.settings.user_sources / "dock"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(
        "{system: dock, owner: ops, feeds: [{feed: receipts, files: [goods_in.csv]}]}"
    )
    (folder / "receipts.sql").write_text(RECEIPTS.format("document"))
    goods_in = home.write("goods_in.csv", GOODS_IN)

    (file,) = check_source(folder, goods_in, home.clock).files

    (refused,) = file.quarantined
    assert refused.rule == "redelivered_with_changes"
    assert "source_event_key must name the line too" in refused.reason
    assert refused.record in GOODS_IN.splitlines()

    (landed,) = home.land(goods_in, system="dock")
    home.load()
    (folder / "receipts.sql").write_text(RECEIPTS.format("document || article"))
    retry(home.settings, landed.batch_id, home.clock)
    home.load()

    told = home.query("select source_event_key, quantity from raw.receipts order by all")
    assert told == [("GR-7A", 5), ("GR-7B", 3)]  # nothing is left of the key it had at first


def test_two_lines_and_two_steps_of_one_document_are_events_of_their_own(home):
    home.land_text(
        "receipts.csv",
        "source_event_key,event_type,occurred_at,po_id,po_line_id,sku,quantity\n"
        "D1,received,2025-06-01,P,1,A,5\nD1,received,2025-06-01,P,2,A,3\n"
        "D1,put_away,2025-06-01,P,1,A,5\n",
    )
    (batch,) = home.load()
    assert (batch.loaded_count, batch.quarantined_count) == (3, 0)


def test_what_staging_refused_is_shown_as_it_stood_in_its_file(home, stage):
    landed = home.land_text("order_lines.csv", ORDER_LINES)
    home.load()
    stage(landed.batch_id, 1)
    (record,) = show(home.settings, landed.batch_id, None)
    assert (record.found_at, record.record) == ("staging", "1,1,X,1")
