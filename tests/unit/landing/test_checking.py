"""Every rule of the contract, on single values."""

from datetime import UTC, datetime

import duckdb
import pytest

from ingestion.contracts.feeds import FEEDS, Kind
from ingestion.landing.checking import SYSTEM_COLUMNS, Check, Stamp


def at(*parts: int) -> datetime:
    """A naive UTC instant, the way the warehouse keeps time."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


AT = at(2026, 1, 2, 3, 4, 5)
ADJUSTMENT = {
    "occurred_at": "2025-06-01T12:00:00Z",
    "location_id": "fc-1",
    "sku": "A-1",
    "quantity": "1",
    "reason_code": "found",
}


PICK = {
    "event_type": "picked",
    "occurred_at": "2025-06-01T12:00:00Z",
    "order_id": "7",
    "line_id": "1",
    "sku": "A-1",
    "quantity": "1",
    "location_id": "fc-1",
}
RECEIPT = {
    "event_type": "put_away",
    "occurred_at": "2025-06-01T12:00:00Z",
    "sku": "A-1",
    "quantity": "1",
    "po_id": "9",
    "po_line_id": "1",
    "location_id": "fc-1",
}
COUNT = {
    "count_id": "c",
    "counted_at": "2025-06-01T12:00:00Z",
    "location_id": "fc-1",
    "sku": "A-1",
    "counted_quantity": "4",
}


def checked(feed: str, row: dict[str, str | None], *, timezone: str = "UTC", comma: bool = False):
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    names = ", ".join(f"${n} as {name}" for n, name in enumerate(row, 1))
    connection.execute(
        f"create table mapped as select 1 as row_number, {names}", list(row.values())
    )
    stamp = Stamp("b", "acme", timezone, AT, AT, comma)
    check = Check(FEEDS[feed], ("row_number", *row), stamp)
    result = connection.execute(check.rows_sql("mapped"))
    columns = [column[0] for column in result.description or []]
    typed = dict(zip(columns, result.fetchone() or (), strict=True))
    fault = connection.execute(check.faults_sql("mapped")).fetchone()
    assert typed["rule"] == (fault and fault[1])
    return typed, fault


def adjusted(**changes: str | None) -> tuple[dict[str, object], tuple[object, ...] | None]:
    return checked("adjustments", ADJUSTMENT | changes)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("3.00", 3),
        ("-3", -3),
        ("+3", 3),
        (" 3 ", 3),
        ("007", 7),
        ("1000000000", 10**9),
        ("-1000000000", -(10**9)),
    ],
)
def test_a_whole_number_is_read_exactly(text: str, value: int):
    typed, fault = adjusted(quantity=text)
    assert fault is None
    assert typed["quantity"] == value


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2.5", "not_whole"),
        ("1,000", "not_a_number"),
        ("1e3", "not_a_number"),
        ("1_000", "not_a_number"),
        ("0x1F", "not_a_number"),
        ("three", "not_a_number"),
        ("99999999999999999999", "out_of_range"),
        ("9223372036854775807", "out_of_range"),
        ("-9223372036854775808", "out_of_range"),
        ("1000000001", "out_of_range"),
        ("-1000000001", "out_of_range"),
        ("", "required_missing"),
        (None, "required_missing"),
    ],
)
def test_anything_else_is_refused_by_its_rule(text: str | None, rule: str):
    _, fault = adjusted(quantity=text)
    assert fault is not None
    assert fault[1] == rule
    assert "quantity is" in str(fault[2])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-03-01T10:00:00Z", at(2025, 3, 1, 10)),
        ("2025-03-01 10:00:00+02:00", at(2025, 3, 1, 8)),
        ("2025-03-01T10:00:00.250-0500", at(2025, 3, 1, 15, 0, 0, 250_000)),
        ("2025-03-01 10:00", at(2025, 3, 1, 15)),
        ("2025-03-01", at(2025, 3, 1, 5)),
        ("2024-07-01 10:00:00", at(2024, 7, 1, 14)),
    ],
)
def test_a_time_is_utc_by_its_offset_or_else_by_the_zone_of_its_source(text: str, value: datetime):
    typed, fault = checked(
        "adjustments", ADJUSTMENT | {"occurred_at": text}, timezone="America/New_York"
    )
    assert fault is None
    assert typed["occurred_at"] == value


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2025-02-30", "impossible_date"),
        ("2025-02-30T10:00:00Z", "impossible_date"),
        ("2025-13-01 00:00:00", "impossible_date"),
        ("01/02/2025", "not_a_timestamp"),
        ("yesterday", "not_a_timestamp"),
        ("epoch", "not_a_timestamp"),
        ("infinity", "not_a_timestamp"),
        ("1899-12-31 00:00:00", "implausible_date"),
        ("9999-12-31 00:00:00", "not_yet_happened"),
    ],
)
def test_a_time_that_cannot_be_is_refused(text: str, rule: str):
    _, fault = adjusted(occurred_at=text)
    assert fault is not None
    assert fault[1] == rule


INSTANTS = [
    (feed.name, column)
    for feed in FEEDS.values()
    for column in (*feed.columns, *SYSTEM_COLUMNS)
    if column.kind is Kind.TIMESTAMP
]
STILL_TO_COME = {
    *("promised_ship_by", "promised_delivery_by", "due_at", "revised_due_at"),
    *("valid_from", "valid_to"),
}


@pytest.mark.parametrize(("feed", "column"), INSTANTS, ids=lambda part: getattr(part, "name", part))
def test_what_has_happened_cannot_lie_after_its_file_came_and_what_is_due_can(feed, column):
    row = dict.fromkeys(FEEDS[feed].required, "1")
    for text, is_ahead in [("2026-01-03 05:04:05", False), ("2026-01-03 05:04:06", True)]:
        _, fault = checked(feed, row | {column.name: text})
        found = str(fault and fault[2])
        assert (f"{column.name} is '{text}'" in found) is (
            is_ahead and column.name not in STILL_TO_COME
        )


def test_an_instant_after_its_file_came_is_refused_with_what_to_do():
    _, fault = adjusted(occurred_at="2062-06-01T12:00:00Z")
    assert fault is not None
    assert fault[1] == "not_yet_happened"
    assert "after its file came (2026-01-02 03:04 UTC)" in str(fault[2])
    assert "correct the clock or the time zone of acme" in str(fault[2])


@pytest.mark.parametrize("text", ["a-1", " A-1\t", "A\u200b-1", "\u202aA-1\u202c", "\ufeffa-1"])
def test_one_sku_has_one_spelling(text: str):
    typed, _ = adjusted(sku=text)
    assert typed["sku"] == "A-1"


def test_codes_are_composed_but_keep_their_case():
    typed, _ = adjusted(location_id="Cafe\u0301 1")
    assert typed["location_id"] == "Caf\u00e9 1"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"sku": "A", "unit_cost": "1.23456"}, "too_precise"),
        ({"sku": "A", "unit_cost": "1,50"}, "not_a_number"),
        ({"sku": "A", "unit_cost": "-1"}, "below_minimum"),
        ({"sku": "A", "lot_tracked": "perhaps"}, "not_boolean"),
        ({"sku": "A", "case_pack": "0"}, "below_minimum"),
    ],
)
def test_optional_columns_are_judged_too(row: dict[str, str | None], rule: str):
    _, fault = checked("products", row)
    assert fault is not None
    assert fault[1] == rule


def test_a_decimal_comma_is_read_only_where_the_source_says_so():
    typed, fault = checked("products", {"sku": "A", "unit_cost": "1,50"}, comma=True)
    assert fault is None
    assert str(typed["unit_cost"]) == "1.5000"
    _, fault = checked("products", {"sku": "A", "unit_cost": "1.500"}, comma=True)
    assert fault is not None


def test_a_wrong_recorded_at_is_refused_and_never_replaced_by_the_default():
    _, fault = adjusted(recorded_at="2025-02-30T08:00:00Z")
    assert fault is not None
    assert fault[1] == "impossible_date"


def test_an_unknown_choice_is_refused_with_the_choices():
    _, fault = adjusted(from_state="on the moon")
    assert fault is not None
    assert fault[1] == "not_a_choice"
    assert "available" in str(fault[2])


def test_all_failing_columns_are_named():
    _, fault = adjusted(quantity="x", sku="")
    assert fault is not None
    assert "quantity is 'x'" in str(fault[2])
    assert "sku is empty" in str(fault[2])


def test_a_row_without_lineage_gets_it_from_its_key_its_time_and_its_folder():
    typed, _ = adjusted()
    assert typed["source_system"] == "acme"
    assert typed["source_event_key"] == "2025-06-01 12:00:00|fc-1|A-1|found||||"
    assert typed["recorded_at"] == at(2025, 6, 1, 12)


def test_a_column_nobody_filled_changes_no_hash():
    plain, _ = adjusted()
    wider, _ = adjusted(lot_id=None, bin_id="")
    other, _ = adjusted(lot_id="L1")
    assert plain["record_hash"] == wider["record_hash"] != other["record_hash"]


def test_a_revision_without_a_time_is_known_from_the_registration_of_its_file():
    order = {"order_id": "1", "channel_id": "web", "placed_at": "2025-06-01T12:00:00Z"}
    purchase = {"po_id": "1", "line_id": "1", "supplier_id": "s", "sku": "A", "quantity": "1"}
    for feed, row in (
        ("orders", order),
        ("purchase_orders", purchase | {"ordered_at": "2025-06-01"}),
    ):
        typed, fault = checked(feed, row)
        assert fault is None
        assert typed["recorded_at"] == AT


def test_no_revisable_feed_takes_an_events_time_for_the_time_it_was_known():
    assert [feed.name for feed in FEEDS.values() if feed.revisable and feed.time_column] == []


@pytest.mark.parametrize(
    ("feed", "row", "one", "other"),
    [
        ("adjustments", ADJUSTMENT, {"bin_id": "A-1"}, {"bin_id": "A-2"}),
        ("fulfilment_events", PICK, {"bin_id": "A-1"}, {"bin_id": "A-2"}),
        ("fulfilment_events", PICK, {"tracking_number": "P1"}, {"tracking_number": "P2"}),
        ("receipts", RECEIPT, {"bin_id": "A-1"}, {"bin_id": "A-2"}),
        ("receipts", RECEIPT, {"condition": "good"}, {"condition": "crushed"}),
        ("counts", COUNT, {"bin_id": "A-1"}, {"bin_id": "A-2"}),
    ],
)
def test_two_events_of_one_instant_have_a_key_each(feed, row, one, other):
    first, _ = checked(feed, row | one)
    second, _ = checked(feed, row | other)
    again, _ = checked(feed, row | one)
    assert first["source_event_key"] != second["source_event_key"]
    assert first["source_event_key"] == again["source_event_key"]


@pytest.mark.parametrize(
    ("column", "text", "rule", "wanted"),
    [
        ("timezone", "Mars/Phobos", "not_a_timezone", "like Europe/Berlin"),
        ("timezone", "IST", "not_a_timezone", "like Europe/Berlin"),
        ("timezone", "+02:00", "not_a_timezone", "like Europe/Berlin"),
        ("country", "GERMANY", "not_a_country", "like DE"),
        ("cut_off_time", "two o'clock", "not_a_clock_time", "HH:MM"),
        ("cut_off_time", "24:00", "not_a_clock_time", "HH:MM"),
    ],
)
def test_a_location_that_later_stages_cannot_compute_with_is_refused_by_name(
    column: str, text: str, rule: str, wanted: str
):
    _, fault = checked("locations", {"location_id": "PHOBOS", column: text})
    assert fault is not None
    assert fault[1] == rule
    assert f"{column} is '{text}'" in str(fault[2])
    assert wanted in str(fault[2])
    assert "(location_id PHOBOS)" in str(fault[2])


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("timezone", "Europe/Berlin", "Europe/Berlin"),
        ("timezone", "UTC", "UTC"),
        ("country", "de", "DE"),
        ("cut_off_time", "14:00", "14:00"),
        ("cut_off_time", "9:30:15", "9:30:15"),
    ],
)
def test_a_location_of_this_world_is_taken(column: str, text: str, value: str):
    typed, fault = checked("locations", {"location_id": "BERLIN", column: text})
    assert fault is None
    assert typed[column] == value


def test_a_cost_that_no_unit_can_have_is_refused_with_the_bounds():
    _, fault = checked("products", {"sku": "A-1", "unit_cost": "9999999999999"})
    assert fault is not None
    assert fault[1] == "out_of_range"
    assert "from 0 to 1,000,000,000" in str(fault[2])


def test_every_quantity_and_every_sum_of_money_has_an_end():
    bounded = {Kind.QUANTITY, Kind.MONEY}
    columns = [column for feed in FEEDS.values() for column in feed.columns]
    assert all(column.maximum for column in columns if column.kind in bounded)


@pytest.mark.parametrize("text", ["0", "-0", "0.00"])
def test_an_adjustment_of_nothing_is_refused(text: str):
    _, fault = adjusted(quantity=text)
    assert fault is not None
    assert fault[1] == "nothing_moved"


@pytest.mark.parametrize(
    ("quantity", "source", "target", "rule"),
    [
        ("-3", "available", "damaged", "negative_inside"),
        ("3", "available", "damaged", None),
        ("-3", "available", "lost", None),
        ("-3", "available", None, None),
    ],
)
def test_inside_the_building_a_quantity_is_positive(quantity, source, target, rule):
    _, fault = adjusted(quantity=quantity, from_state=source, to_state=target)
    assert (fault and fault[1]) == rule


@pytest.mark.parametrize(("target", "rule"), [("fc-1", "same_location"), ("fc-2", None)])
def test_a_transfer_goes_from_one_location_to_another(target: str, rule: str | None):
    transfer = {
        "event_type": "shipped",
        "occurred_at": "2025-06-01T12:00:00Z",
        "transfer_id": "t1",
        "sku": "A-1",
        "quantity": "1",
        "from_location_id": "fc-1",
        "to_location_id": target,
    }
    _, fault = checked("transfers", transfer)
    assert (fault and fault[1]) == rule


@pytest.mark.parametrize(
    ("cancelled_at", "rule"),
    [
        ("2025-05-31T12:00:00Z", "cancelled_before_placed"),
        ("2025-06-01", None),
        ("2025-06-02T12:00:00Z", None),
        ("", None),
    ],
)
def test_an_order_is_not_cancelled_before_it_is_placed(cancelled_at: str, rule: str | None):
    order = {"order_id": "1", "channel_id": "web", "placed_at": "2025-06-01T12:00:00Z"}
    _, fault = checked("orders", order | {"cancelled_at": cancelled_at})
    assert (fault and fault[1]) == rule
