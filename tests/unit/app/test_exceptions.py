import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from app.queries import exceptions
from app.queries.exceptions import InboxFilter
from app.serving import Identity, Tower
from ingestion.commands.log import open_command_log
from ingestion.contracts.vocabulary import Role

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WAITING = ("open", "assigned")


def at(day):
    return datetime(2026, 3, day)  # noqa: DTZ001 - the warehouse keeps naive UTC


def problem(exception_id, exception_type, severity, at_risk_amount, **columns):
    return {
        "exception_id": exception_id,
        "exception_type": exception_type,
        "severity": severity,
        "subject": f"east · {exception_id}",
        "sku": "TEE-1",
        "location_id": "east",
        "state": "open",
        "owner_team": "Inventory accounting",
        "quantity": -2,
        "at_risk_basis": "stated",
        "at_risk_amount": at_risk_amount,
        "loss_rate": Decimal("0.5"),
        "expected_loss_amount": at_risk_amount / 2,
        "sla_hours": 24,
        "age_hours": 48,
        "age_term": 3,
        "waiting_quantity": 1,
        "waiting_term": Decimal("1.5"),
        "urgency": Decimal("4.5"),
        "priority": at_risk_amount * Decimal("2.25"),
        "reopened_count": 0,
        "is_present": True,
        "is_overdue": True,
        "detail": "Count it.",
        "first_seen_at": at(1),
        "due_at": at(2),
        "opened_at": at(1),
    } | columns


@pytest.fixture
def troubled(publish_rows, places):
    return publish_rows(
        fct_exceptions=[
            problem(
                "small", "negative_balance", "warning", 5, assigned_to="bob", state="assigned",
                claim_id="c1",
            ),
            problem("large", "negative_balance", "warning", 50, location_id="west"),
            problem("tiny", "short_receipt", "blocking", 1, sku=None),
            problem("ageless", "short_receipt", "info", 3, first_seen_at=None, sku="MUG-1"),
            problem("court", "late_supply", "info", 500, state="snoozed", is_overdue=False),
            problem("asleep", "short_receipt", "info", 70, state="snoozed", is_overdue=False),
            problem(
                "gone", "negative_balance", "warning", 60, state="resolved", is_present=False,
                is_overdue=False, state_detail="Its cause is gone: It is not below zero.",
            ),
        ],
        **places,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (InboxFilter(states=WAITING), ["large", "small", "ageless", "tiny"]),
        (InboxFilter(), ["court", "asleep", "gone", "large", "small", "ageless", "tiny"]),
        (InboxFilter(states=("resolved",)), ["gone"]),
        (InboxFilter(exception_type="negative_balance", states=WAITING), ["large", "small"]),
        (InboxFilter(severity="info", states=WAITING), ["ageless"]),
        (InboxFilter(location_id="west"), ["large"]),
        (InboxFilter(owner="bob"), ["small"]),
        (InboxFilter(search=" mug"), ["ageless"]),
        (InboxFilter(search="tiny"), ["tiny"]),
    ],
)
def test_the_inbox_holds_what_matches_by_priority(troubled, chosen, expected):
    assert exceptions.inbox(troubled, chosen, 10)["exception_id"].to_list() == expected


def test_an_exception_is_its_assignees_else_its_teams(troubled):
    assert exceptions.owners(troubled) == ["Inventory accounting", "bob"]


def test_an_exception_ages_to_the_instant_of_publication(troubled):
    found = exceptions.inbox(troubled, InboxFilter(states=WAITING), 10)
    ages = dict(found.select("exception_id", "age_days").rows())
    assert ages == {"tiny": 9, "large": 9, "small": 9, "ageless": None}


def test_every_published_column_of_an_exception_is_in_the_inbox(troubled):
    published = troubled.frame("select * exclude (location_id) from fct_exceptions").columns
    shown = exceptions.inbox(troubled, InboxFilter(), 10).columns
    assert set(shown) == {*published, "location", "age_days", "owner"}


def test_units_and_money_at_risk_are_never_netted(troubled):
    chosen = InboxFilter(severity="warning", states=WAITING)
    (row,) = exceptions.by_type(troubled, chosen).to_dicts()
    assert (row["exception_count"], row["quantity"], row["at_risk_amount"]) == (2, 4, 55)
    assert row["overdue_count"] == 2


def test_the_overview_lists_what_waits_by_priority(troubled):
    assert exceptions.top_exceptions(troubled, None, 2)["priority"].to_list() == [112.5, 11.25]
    kinds = exceptions.exception_types(troubled)
    assert dict(kinds.select("exception_type", "exception_count").rows()) == {
        "negative_balance": 2,
        "short_receipt": 2,
    }


def inbox_page(tower):
    from app.views.exceptions import show  # noqa: PLC0415 - runs as a script of its own

    show(tower, lambda _name: None)


def detail_page(tower, name):
    from app.queries.exceptions import InboxFilter, inbox  # noqa: PLC0415
    from app.views import exceptions as view  # noqa: PLC0415

    rows = {row["exception_id"]: row for row in inbox(tower.reader, InboxFilter(), 10).to_dicts()}
    view._detail(tower, lambda _name: None, rows[name])  # noqa: SLF001 - a row cannot be clicked here


@pytest.fixture
def tower_of(settings, troubled):
    log = open_command_log(settings, lambda: NOW)

    def make(actor="ann", role=Role.OPERATOR):
        return Tower(settings, troubled, log, Identity(actor, role), NOW)

    yield make
    log.close()


def run(page, **arguments):
    shown = AppTest.from_function(page, kwargs=arguments, default_timeout=30).run()
    assert not shown.exception
    return shown


def press(page, label):
    return next(each for each in page.button if each.label == label).click().run()


def fill(page, label, value):
    next(each for each in page.text_input if each.label == label).set_value(value)


def test_the_page_shows_what_waits_and_leaves_the_rest_to_the_filter(tower_of):
    page = run(inbox_page, tower=tower_of())
    assert [metric.value for metric in page.metric[:2]] == ["4", "4"]
    assert page.dataframe[0].value["priority"].to_list()[:2] == [112.5, 11.25]


def test_the_detail_tells_priority_term_by_term(tower_of):
    page = run(detail_page, tower=tower_of(), name="large")
    terms = page.table[0].value
    assert terms["Value"].to_list() == [
        "50.00", "\u00d7 50%", "= 25.00", "\u00d7 3.00", "\u00d7 1.50", "= 112.50",
    ]  # fmt: skip


def test_a_problem_whose_cause_is_gone_says_so_and_asks_for_nothing(tower_of):
    page = run(detail_page, tower=tower_of(), name="gone")
    assert any("It is not below zero" in each.value for each in page.markdown)
    assert [each.label for each in page.button] == ["Open TEE\\-1 in inventory"]


def test_what_a_claim_shows_opens_that_claim(tower_of):
    page = run(detail_page, tower=tower_of(), name="large")
    assert "Open the claim and its evidence" not in [each.label for each in page.button]
    page = run(detail_page, tower=tower_of(), name="small")
    assert "Open the claim and its evidence" in [each.label for each in page.button]


@pytest.mark.parametrize(
    ("button", "command_type", "payload"),
    [
        ("Assign", "assign_exception", {"assignee": "ann"}),
        ("Snooze", "snooze_exception", {"until": "2026-03-11T08:00:00.000000Z"}),
        ("Resolve", "resolve_exception", {"resolution": "fixed"}),
    ],
)
def test_an_exception_is_settled_by_one_command(tower_of, button, command_type, payload):
    tower = tower_of()
    page = run(detail_page, tower=tower, name="large")
    for note in (each for each in page.text_input if each.label == "Why, in your words"):
        note.set_value("counted")
    press(page, button)
    (entry,) = tower.log.entries()
    assert (entry.command_type, entry.actor, entry.reason) == (command_type, "ann", "counted")
    assert json.loads(entry.payload) == {"exception_id": "large"} | payload


def test_an_assigned_exception_can_be_given_back_to_its_team(tower_of):
    tower = tower_of()
    page = run(detail_page, tower=tower, name="small")
    for note in (each for each in page.text_input if each.label == "Why, in your words"):
        note.set_value("on leave")
    press(page, "Give back to the team")
    (entry,) = tower.log.entries()
    assert (entry.command_type, json.loads(entry.payload)) == (
        "assign_exception", {"exception_id": "small"},
    )  # fmt: skip


def test_nobody_gives_back_what_nobody_took(tower_of):
    page = run(detail_page, tower=tower_of(), name="large")
    assert "Give back to the team" not in [each.label for each in page.button]


def test_a_viewer_settles_nothing(tower_of):
    tower = tower_of(role=Role.VIEWER)
    page = press(run(detail_page, tower=tower, name="large"), "Resolve")
    assert "may not" in page.error[0].value
    assert tower.log.entries() == []


def test_a_resolution_that_waits_is_shown_with_what_it_gives_up(tower_of):
    tower = tower_of()
    page = run(detail_page, tower=tower, name="court")
    page.radio[0].set_value("accepted")
    for note in (each for each in page.text_input if each.label == "Why, in your words"):
        note.set_value("we live with it")
    press(page, "Resolve")
    inbox = run(inbox_page, tower=tower_of("sue", Role.SUPERVISOR))
    assert any("court, 500" in each.value for each in inbox.caption)
    assert "Approve" in [each.label for each in inbox.button]
    detail = run(detail_page, tower=tower_of(), name="court")
    assert any("waits for approval" in each.value for each in detail.caption)
