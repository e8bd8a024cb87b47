from datetime import datetime

import pytest

from app.queries import exceptions
from app.queries.exceptions import InboxFilter


def problem(exception_id, exception_type, severity, amount, **columns):
    return {
        "exception_id": exception_id,
        "exception_type": exception_type,
        "severity": severity,
        "subject": f"east · {exception_id}",
        "sku": "TEE-1",
        "location_id": "east",
        "quantity": -2,
        "amount": amount,
        "detail": "Count it.",
        "first_seen_at": datetime(2026, 3, 1),  # noqa: DTZ001 - the warehouse keeps naive UTC
    } | columns


@pytest.fixture
def troubled(publish_rows, places):
    return publish_rows(
        fct_exceptions=[
            problem("small", "negative_balance", "warning", -5),
            problem("large", "negative_balance", "warning", -50, location_id="west"),
            problem("worst", "short_receipt", "blocking", 1, sku=None),
            problem("ageless", "short_receipt", "info", None, first_seen_at=None, sku="MUG-1"),
        ],
        **places,
    )


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (InboxFilter(), ["worst", "large", "small", "ageless"]),
        (InboxFilter(exception_type="negative_balance"), ["large", "small"]),
        (InboxFilter(severity="info"), ["ageless"]),
        (InboxFilter(location_id="west"), ["large"]),
        (InboxFilter(search=" mug"), ["ageless"]),
        (InboxFilter(search="worst"), ["worst"]),
    ],
)
def test_the_inbox_holds_what_matches_the_most_severe_and_dearest_first(troubled, chosen, expected):
    assert exceptions.inbox(troubled, chosen, 10)["exception_id"].to_list() == expected


def test_an_exception_ages_to_the_instant_of_publication(troubled):
    ages = exceptions.inbox(troubled, InboxFilter(), 10).select("exception_id", "age_days").rows()
    assert dict(ages) == {"worst": 9, "large": 9, "small": 9, "ageless": None}


def test_every_published_column_of_an_exception_is_in_the_inbox(troubled):
    published = troubled.frame("select * exclude (location_id) from fct_exceptions").columns
    shown = exceptions.inbox(troubled, InboxFilter(), 10).columns
    assert set(shown) == {*published, "location", "age_days"}


def test_units_and_money_at_stake_are_never_netted(troubled):
    rows = exceptions.by_type(troubled, InboxFilter(severity="warning")).to_dicts()
    assert [(row["exception_count"], row["quantity"], row["amount"]) for row in rows] == [
        (2, 4, 55)
    ]
