import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.queries.commands import Stage, progress
from app.views.parts import command_frame
from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role

TARGET = {
    "metric": "unit_fill_rate",
    "variant": "first_shipment",
    "target": 0.98,
    "valid_from": "2026-03-15T00:00:00Z",
}
EXCEPTION = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def log(settings):
    known = Known(Decimal(4))
    log = CommandLog(Store(settings.command_log), read_policy(), lambda _: known, lambda: NOW)
    yield log
    log.close()


def submit(log, command_type, payload, *, actor="ann", role=Role.OPERATOR):
    command = Command(uuid.uuid4().hex, command_type, payload, actor, role, "because")
    return log.submit(command).command_id


def adjust(log, quantity, **fields):
    payload = {
        "occurred_at": "2026-03-10T11:00:00Z",
        "location_id": "east",
        "sku": "TEE-1",
        "quantity": quantity,
        "reason_code": "lost",
    }
    return submit(log, CommandType.RECORD_ADJUSTMENT, payload | fields)


def decide(log, command_type, command_id):
    submit(log, command_type, {"command_id": command_id}, actor="sue", role=Role.SUPERVISOR)


def stages(log, reader):
    return {each.standing.entry.command_id: each.stage for each in progress(log, reader)}


def test_a_command_goes_from_pending_over_approved_to_applied(log, publish_rows):
    before = publish_rows()
    big = adjust(log, -26)
    assert stages(log, before) == {big: Stage.PENDING}
    decide(log, CommandType.APPROVE, big)
    assert stages(log, before) == {big: Stage.APPROVED}
    after = publish_rows(fct_commands=[{"command_id": big, "status": "approved"}])
    assert stages(log, after) == {big: Stage.APPLIED}


def test_an_applied_command_names_the_generation_that_first_held_it(log, publish_rows):
    first = adjust(log, -1)
    publish_rows()
    publish_rows(fct_commands=[{"command_id": first, "status": "approved"}])
    second = adjust(log, -2)
    rows = [{"command_id": each, "status": "approved"} for each in (first, second)]
    reader = publish_rows(fct_commands=rows)
    told = {each.standing.entry.command_id: each.generation for each in progress(log, reader)}
    assert told == {first: 2, second: 3}
    assert command_frame(progress(log, reader))["status"].to_list() == [
        "applied in generation 3",
        "applied in generation 2",
    ]


def test_a_command_the_generation_knows_only_as_pending_is_not_applied(log, publish_rows):
    big = adjust(log, -26)
    reader = publish_rows(fct_commands=[{"command_id": big, "status": "pending"}])
    assert stages(log, reader) == {big: Stage.PENDING}
    decide(log, CommandType.APPROVE, big)
    assert stages(log, reader) == {big: Stage.APPROVED}


def test_a_rejected_command_says_so_and_is_no_longer_open(log, publish_rows):
    big = adjust(log, -26)
    decide(log, CommandType.REJECT, big)
    (only,) = progress(log, publish_rows())
    assert (only.stage, only.is_open) == (Stage.REJECTED, False)


def test_a_command_names_its_place(log, publish_rows, places):
    adjust(log, -3, lot_id="L1")
    (only,) = progress(log, publish_rows(**places))
    assert only.summary == "-3 TEE-1 at East lot L1"


def test_the_newest_command_comes_first_and_decisions_are_left_out(log, publish_rows):
    first, second = adjust(log, -26), adjust(log, -1)
    decide(log, CommandType.APPROVE, first)
    assert list(stages(log, publish_rows())) == [second, first]


def test_a_command_is_told_in_one_line(log, publish_rows):
    adjust(log, -3, lot_id="L1")
    adjust(log, 2, from_state="available", to_state="damaged", reason_code="damaged")
    rule = {
        "rule_id": "shop-first",
        "expected_version": 0,
        "channel_priority": 1,
        "valid_from": "2026-03-01T00:00:00Z",
    }
    submit(log, CommandType.SET_ALLOCATION_RULE, rule, actor="pia", role=Role.PLANNER)
    retire = {"rule_id": "shop-first", "expected_version": 1, "valid_to": "2026-04-01T00:00:00Z"}
    submit(log, CommandType.RETIRE_ALLOCATION_RULE, retire, actor="pia", role=Role.PLANNER)
    for command_type, payload in (
        (CommandType.SET_SAFETY_STOCK, {"sku": "TEE-1", "quantity": 5}),
        (CommandType.SET_CHANNEL_BUFFER, {"channel_id": "shop", "quantity": 2}),
        (CommandType.SET_METRIC_TARGET, TARGET),
        (CommandType.ASSIGN_EXCEPTION, {"exception_id": EXCEPTION, "assignee": "bob"}),
        (CommandType.ASSIGN_EXCEPTION, {"exception_id": EXCEPTION, "assignee": None}),
        (CommandType.SNOOZE_EXCEPTION, {"exception_id": EXCEPTION, "until": "2026-03-12T08:00Z"}),
        (CommandType.RESOLVE_EXCEPTION, {"exception_id": EXCEPTION, "resolution": "fixed"}),
    ):
        submit(log, command_type, payload, actor="pia", role=Role.PLANNER)
    assert [each.summary for each in progress(log, publish_rows())] == [
        "resolve exception 0a1b2c3d as fixed",
        "snooze exception 0a1b2c3d until 2026-03-12 08:00 UTC",
        "give exception 0a1b2c3d back to its team",
        "assign exception 0a1b2c3d to bob",
        "target of unit_fill_rate.first_shipment: 0.98 from 2026-03-15",
        "buffer of every SKU against shop: 2",
        "safety stock of TEE-1 at the network: 5",
        "retire rule shop-first",
        "set rule shop-first, version 1",
        "2 TEE-1 from available to damaged at east",
        "-3 TEE-1 at east lot L1",
    ]
