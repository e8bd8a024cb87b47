"""Decisions about exceptions: who may make them, about what, and which need a second person."""

import uuid
from datetime import timedelta

import duckdb
import pytest

from dagster_project.lib.publication import Edition, Relation, publish
from ingestion.commands.errors import InvalidCommandError, UnknownCodeError
from ingestion.commands.log import open_command_log
from ingestion.commands.model import Command
from ingestion.contracts.vocabulary import CommandType, Role
from ingestion.settings import Settings

ASSIGN, SNOOZE, RESOLVE = (
    CommandType.ASSIGN_EXCEPTION,
    CommandType.SNOOZE_EXCEPTION,
    CommandType.RESOLVE_EXCEPTION,
)
EXCEPTIONS = (
    "select * from (values ('small', 100.0000), ('large', 100.0001), ('huge', 1000.0001)) "
    "as exceptions(exception_id, at_risk_amount)"
)


@pytest.fixture
def log(tmp_path, clock):
    settings = Settings(home=tmp_path / "home")
    with duckdb.connect() as connection:
        relations = (Relation("fct_exceptions", EXCEPTIONS),)
        publish(connection, settings, relations, Edition(clock(), "run", "0:0"))
    log = open_command_log(settings, clock)
    yield log
    log.close()


def decision(command_type, exception_id="small", role=Role.OPERATOR, **payload):
    content = {"exception_id": exception_id} | payload
    return Command(uuid.uuid4().hex, command_type, content, "ann", role, "because")


@pytest.mark.parametrize(
    ("command_type", "payload"),
    [
        (ASSIGN, {"assignee": "bob"}),
        (SNOOZE, {"until": "2026-03-03T08:00:00Z"}),
        (RESOLVE, {"resolution": "fixed"}),
    ],
)
def test_a_decision_about_an_exception_nobody_knows_is_refused_with_what_to_do(
    log, command_type, payload
):
    with pytest.raises(UnknownCodeError, match=r"no exception gone\..*reload the inbox"):
        log.submit(decision(command_type, "gone", **payload))
    assert log.entries() == []


@pytest.mark.parametrize(
    ("command_type", "payload", "field"),
    [
        (ASSIGN, {}, "assignee"),
        (ASSIGN, {"assignee": " "}, "assignee"),
        (SNOOZE, {}, "until"),
        (RESOLVE, {"resolution": "bored"}, "resolution"),
        (RESOLVE, {"resolution": "fixed", "until": "2026-03-03"}, "until"),
    ],
)
def test_a_decision_that_lacks_its_point_is_refused_by_field(log, command_type, payload, field):
    with pytest.raises(InvalidCommandError, match=field):
        log.submit(decision(command_type, **payload))


@pytest.mark.parametrize(
    ("from_now", "accepted"),
    [
        (timedelta(0), False),
        (timedelta(minutes=1), True),
        (timedelta(days=90), True),
        (timedelta(days=90, minutes=1), False),
    ],
)
def test_a_snooze_ends_within_ninety_days(log, clock, from_now, accepted):
    snooze = decision(SNOOZE, until=(clock.now + from_now).isoformat())
    if accepted:
        assert not log.submit(snooze).needs_approval
    else:
        with pytest.raises(InvalidCommandError, match="in the next 90 days"):
            log.submit(snooze)


@pytest.mark.parametrize(
    ("exception_id", "resolution", "role", "waits"),
    [
        ("small", "accepted", Role.OPERATOR, False),
        ("large", "accepted", Role.OPERATOR, True),
        ("large", "not_a_problem", Role.PLANNER, True),
        ("large", "accepted", Role.SUPERVISOR, False),
        ("huge", "accepted", Role.SUPERVISOR, True),
        ("huge", "fixed", Role.OPERATOR, False),
    ],
)
def test_to_accept_much_money_at_risk_needs_somebody_else(
    log, exception_id, resolution, role, waits
):
    resolve = decision(RESOLVE, exception_id, role, resolution=resolution)
    assert log.submit(resolve).needs_approval is waits
