from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from app.queries.kpis import Metric, Trust
from app.views.tables import as_csv, column_config, in_words, label
from app.wording import ago, duration, metric_change, metric_value, money, plain, target, trust

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=4), "just now"),
        (timedelta(seconds=30), "30 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_an_age_is_told_in_the_unit_a_person_would_use(age, words):
    assert ago(NOW - age, NOW) == words


def test_foreign_text_is_never_markup():
    hostile = "[x](http://evil) **b** <img src=x> :material/home: `c` $x$ # h"
    shown = plain(hostile)
    for mark in "[]()*<>:`$#":
        assert f"\\{mark}" in shown or mark not in hostile
    assert shown.replace("\\", "") == hostile


def test_a_line_break_in_foreign_text_starts_no_paragraph():
    assert plain("a\nb") == "a b"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\r=1"])
def test_no_download_holds_a_formula(text):
    csv = as_csv(pl.DataFrame({"sku": [text], "quantity": [-3]})).decode()
    assert f"'{text}" in csv
    assert ",-3" in csv


def test_a_download_keeps_lists_and_codes():
    frame = pl.DataFrame({"location_order": [["east", "west"]], "state": ["in_transit"]})
    assert as_csv(frame).decode() == "location_order,state\neast west,in_transit\n"


def test_codes_are_shown_as_words():
    assert in_words(pl.DataFrame({"state": ["in_transit"], "sku": ["A_1"]})).row(0) == (
        "in transit",
        "A_1",
    )


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("sku", "SKU"),
        ("open_demand_quantity", "Open demand"),
        ("duplicate_count", "Duplicate"),
        ("promised_ship_by", "Promised ship by"),
        ("bin_id", "Bin"),
        ("is_oversold", "Oversold"),
    ],
)
def test_every_column_has_a_title_for_people(column, words):
    assert label(column) == words


def test_a_long_text_gets_a_column_as_wide_as_itself():
    texts = pl.DataFrame({"reason": ["short", "x" * 90], "rule": ["short", "short"]})
    configured = column_config(texts)
    assert configured["reason"]["width"] > 90 * 5
    assert configured["rule"].get("width") is None


def test_numbers_in_tables_are_grouped_by_thousands():
    frame = pl.DataFrame({"quantity": [1], "amount": [Decimal("1.00")]})
    formats = [each["type_config"]["format"] for each in column_config(frame).values()]
    assert formats == ["%,d", "%,.2f"]


def metric(unit, direction="up", goal=0.97):
    return Metric(
        "m", "v", "M", unit, direction, goal, None, "stock", "me", "what", is_headline=True
    )


def test_numbers_carry_their_unit():
    assert metric_value(metric("ratio"), 0.9712) == "97.1 %"
    assert metric_value(metric("hours"), 18.26) == "18.3 h"
    assert metric_value(metric("units"), 12345.0) == "12,345"
    assert metric_value(metric("per_hour"), 18.04) == "18.0 / h"
    assert metric_value(replace(metric("money"), currency="EUR"), 1234.4) == "1,234 EUR"
    assert metric_change(metric("ratio"), 0.95, 0.97) == "-2.0 points"
    assert money(Decimal("1234.5"), "EUR") == "1,234.50 EUR"


def test_what_is_not_known_is_not_a_zero():
    assert metric_value(metric("ratio"), None) == money(None) != "0"


def test_a_change_too_small_to_show_is_no_change():
    assert metric_change(metric("ratio"), 0.95001, 0.95) is None
    assert metric_change(metric("ratio"), 0.95, None) is None


def test_a_target_says_its_direction():
    assert target(metric("ratio")) == "at least 97.0 %"
    assert target(metric("hours", "down", 36)) == "at most 36.0 h"
    assert target(metric("units", "none", None)) == "no target"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1440, "1 day"), (120, "2 hours"), (90, "90 minutes"), (1, "1 minute"), (None, "")],
)
def test_a_cadence_is_told_in_the_largest_whole_unit(minutes, words):
    assert duration(minutes) == words


def test_a_trust_score_says_what_speaks_against_it():
    assert trust(Trust(0.45, 0.5, 0.1, 0, 0)) == (
        "45.0 %: 50 % of its sources are late, 10 % of its source records are quarantined"
    )
    assert trust(Trust(1, 1, 0, 0, 0)) == "100.0 %: nothing speaks against it"
    assert trust(Trust(None, None, None, 0, 0)).startswith("is unknown")
