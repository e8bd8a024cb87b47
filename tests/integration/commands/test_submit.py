from dataclasses import replace
from decimal import Decimal

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from ingestion.commands.errors import (
    CommandConflictError,
    CommandLogUnavailableError,
    FourEyesError,
    InvalidCommandError,
    NotAllowedError,
    NotPendingError,
    StaleVersionError,
    UnknownCommandError,
    UnknownRuleError,
)
from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import MIGRATIONS, REVISION, Store
from ingestion.contracts.vocabulary import CommandStatus, CommandType, Role

APPROVE, REJECT = CommandType.APPROVE, CommandType.REJECT


def statuses(log):
    return {standing.entry.command_id: standing.status for standing in log.statuses()}


def test_the_same_command_twice_is_one_entry_with_one_receipt(log, adjustment, clock):
    command = adjustment()
    first = log.submit(command)
    clock.advance(hours=3)
    assert log.submit(command) == first
    assert len(log.entries()) == 1


def test_the_same_id_with_other_content_is_refused(log, adjustment):
    command = adjustment()
    log.submit(command)
    with pytest.raises(CommandConflictError, match=command.command_id):
        log.submit(replace(command, payload={**command.payload, "quantity": -4}))
    with pytest.raises(CommandConflictError):
        log.submit(replace(command, actor="eve"))


def test_a_retry_after_the_decision_still_gets_the_first_receipt(log, adjustment, decision):
    command = adjustment(quantity=-26)
    receipt = log.submit(command)
    log.submit(decision(APPROVE, receipt))
    assert log.submit(command) == receipt


def test_a_big_adjustment_waits_until_somebody_else_approves(log, adjustment, decision):
    receipt = log.submit(adjustment(quantity=-26))
    assert [entry.command_id for entry in log.pending_approvals()] == [receipt.command_id]
    log.submit(decision(APPROVE, receipt, actor="bob"))
    (standing,) = log.statuses()
    assert (standing.status, standing.decided_by) == (CommandStatus.APPROVED, "bob")
    assert log.pending_approvals() == []


def test_a_rejected_adjustment_stays_in_the_log_as_rejected(log, adjustment, decision):
    receipt = log.submit(adjustment(quantity=-26))
    log.submit(decision(REJECT, receipt))
    assert statuses(log) == {receipt.command_id: CommandStatus.REJECTED}


@pytest.mark.parametrize("spelling", ["sue", "SUE", " sue\u200b"])
def test_nobody_approves_their_own_command(log, adjustment, decision, spelling):
    receipt = log.submit(adjustment(actor="sue", role=Role.SUPERVISOR, quantity=-251))
    with pytest.raises(FourEyesError, match="somebody else"):
        log.submit(decision(APPROVE, receipt, actor=spelling))


def test_nobody_approves_their_own_command_in_another_role(log, adjustment, decision):
    receipt = log.submit(adjustment(actor="ann", role=Role.OPERATOR, quantity=-26))
    with pytest.raises(FourEyesError):
        log.submit(decision(APPROVE, receipt, actor="Ann", role=Role.SUPERVISOR))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.PLANNER])
def test_only_a_supervisor_may_decide(log, adjustment, decision, role):
    receipt = log.submit(adjustment(quantity=-26))
    with pytest.raises(NotAllowedError, match="supervisor"):
        log.submit(decision(APPROVE, receipt, role=role))


def test_a_command_is_decided_once(log, adjustment, decision):
    receipt = log.submit(adjustment(quantity=-26))
    log.submit(decision(REJECT, receipt))
    with pytest.raises(NotPendingError):
        log.submit(decision(APPROVE, receipt, actor="carl"))


def test_what_needs_no_approval_cannot_be_approved(log, adjustment, decision):
    with pytest.raises(NotPendingError):
        log.submit(decision(APPROVE, log.submit(adjustment(quantity=-1))))


def test_a_decision_on_an_unknown_command_is_refused(log, adjustment, decision):
    with pytest.raises(UnknownCommandError):
        log.submit(decision(APPROVE, adjustment()))


def test_a_viewer_may_not_adjust(log, adjustment):
    with pytest.raises(NotAllowedError):
        log.submit(adjustment(role=Role.VIEWER))


@pytest.mark.parametrize(
    "change",
    [
        {"command_id": "short"},
        {"command_id": "x'; drop table command_log; --"},
        {"actor": "\u200b"},
        {"actor": "a" * 121},
        {"reason": " "},
        {"reason": "r" * 501},
        {"role": "emperor"},
        {"command_type": "fly"},
    ],
)
def test_a_malformed_command_is_refused_and_leaves_no_trace(log, adjustment, change):
    with pytest.raises(InvalidCommandError):
        log.submit(replace(adjustment(), **change))
    assert log.entries() == []


def test_an_invalid_payload_names_its_field(log, adjustment):
    with pytest.raises(InvalidCommandError, match="quantity"):
        log.submit(adjustment(quantity=0))


def test_an_adjustment_dated_in_the_future_is_refused(log, adjustment):
    with pytest.raises(InvalidCommandError, match="future"):
        log.submit(adjustment(occurred_at="2026-03-02T12:00:01Z"))


# thresholds of the built-in policy: an operator waits above 25 units or above 100 at cost
@pytest.mark.parametrize(
    ("sku", "quantity", "waits"),
    [
        ("MUG-1", -24, False),
        ("MUG-1", 25, False),
        ("MUG-1", -26, True),
        ("TEE-1", -24, False),
        ("TEE-1", 25, False),
        ("SOFA-1", 1, False),
        ("SOFA-1", 2, True),
        ("UNHEARD-OF", 1, True),
    ],
)
def test_an_adjustment_waits_only_above_a_threshold(log, adjustment, sku, quantity, waits):
    assert log.submit(adjustment(sku=sku, quantity=quantity)).needs_approval is waits


@pytest.mark.parametrize(("cost", "waits"), [("99.99", False), ("100", False), ("100.01", True)])
def test_the_value_threshold_is_exact(tmp_path, clock, adjustment, cost, waits):
    store = Store(f"sqlite:///{tmp_path / 'log.sqlite'}")
    log = CommandLog(store, read_policy(), lambda _: Known(Decimal(cost)), clock)
    assert log.submit(adjustment(quantity=1)).needs_approval is waits
    log.close()


def test_splitting_an_adjustment_does_not_dodge_the_threshold(log, adjustment):
    waits = [log.submit(adjustment(quantity=-9)).needs_approval for _ in range(3)]
    assert waits == [False, False, True]


@pytest.mark.parametrize(
    "dodge",
    [
        {"quantity": 13},
        {"location_id": "FC-WEST"},
        {"lot_id": "L2"},
        {"sku": "tee-1 "},
        {"actor": "ANN"},
        {"role": Role.PLANNER},
    ],
)
def test_no_variation_of_the_second_half_dodges_the_threshold(log, adjustment, dodge):
    log.submit(adjustment(quantity=-13))
    assert log.submit(adjustment(**{"quantity": -13} | dodge)).needs_approval


@pytest.mark.parametrize("own", [{"actor": "zoe"}, {"sku": "MUG-1"}])
def test_another_actor_or_sku_has_a_threshold_of_its_own(log, adjustment, own):
    log.submit(adjustment(quantity=-20))
    assert not log.submit(adjustment(**{"quantity": -20} | own)).needs_approval


def test_the_window_of_the_threshold_passes(log, adjustment, clock):
    log.submit(adjustment(quantity=-20))
    clock.advance(hours=24, microseconds=1)
    assert not log.submit(adjustment(quantity=-20)).needs_approval


def test_a_rejected_adjustment_does_not_count_towards_the_threshold(log, adjustment, decision):
    rejected = log.submit(adjustment(quantity=-26))
    log.submit(decision(REJECT, rejected))
    assert not log.submit(adjustment(quantity=-5)).needs_approval


def test_a_rule_moves_from_version_to_version(log, rule_command):
    log.submit(rule_command())
    log.submit(rule_command(expected_version=1, buffer_quantity=5))
    assert log.rule_version("shop-first") == 2


@pytest.mark.parametrize("seen", [0, 2])
def test_a_rule_with_a_stale_version_is_refused(log, rule_command, seen):
    log.submit(rule_command())
    with pytest.raises(StaleVersionError, match="version 1"):
        log.submit(rule_command(expected_version=seen))


def test_a_big_ring_fence_waits_for_approval(log, rule_command):
    assert not log.submit(
        rule_command("a", channel_id="shop", ring_fence_quantity=500)
    ).needs_approval
    more = {"channel_id": "shop", "ring_fence_quantity": 500, "buffer_quantity": 1}
    assert log.submit(rule_command("b", **more)).needs_approval


def retire(rule_id, expected_version):
    payload = {
        "rule_id": rule_id,
        "expected_version": expected_version,
        "valid_to": "2026-04-01T00:00:00Z",
    }
    kind = CommandType.RETIRE_ALLOCATION_RULE
    return Command(f"retire-{rule_id}-{expected_version}", kind, payload, "pia", "planner", "over")


def test_a_rule_is_retired_at_the_version_its_author_saw(log, rule_command):
    log.submit(rule_command())
    with pytest.raises(StaleVersionError):
        log.submit(retire("shop-first", 2))
    assert log.submit(retire("shop-first", 1)).sequence == 2


def test_a_rule_nobody_set_cannot_be_retired(log):
    with pytest.raises(UnknownRuleError):
        log.submit(retire("no-such-rule", 1))


def test_a_log_that_cannot_be_written_says_so(tmp_path, open_log, adjustment):
    path = tmp_path / "commands.sqlite"
    open_log(f"sqlite:///{path}")
    broken = open_log(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(CommandLogUnavailableError, match="Nothing was written"):
        broken.submit(adjustment())


def test_the_newest_migration_is_the_one_a_log_opens_with():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


@pytest.mark.parametrize(
    "payload", [{"sku": "TEE-1"}, {"channel_id": "shop"}], ids=["safety stock", "buffer"]
)
@pytest.mark.parametrize(
    ("role", "quantity", "waits"),
    [
        (Role.PLANNER, 500, False),
        (Role.PLANNER, 501, True),
        (Role.SUPERVISOR, 2000, False),
        (Role.SUPERVISOR, 2001, True),
    ],
)
def test_keeping_much_back_needs_a_second_person(log, planning, payload, role, quantity, waits):
    kind = CommandType.SET_SAFETY_STOCK if "sku" in payload else CommandType.SET_CHANNEL_BUFFER
    receipt = log.submit(planning(kind, role=role, quantity=quantity, **payload))
    assert receipt.needs_approval is waits


@pytest.mark.parametrize("role", [Role.PLANNER, Role.SUPERVISOR])
def test_nobody_moves_a_target_alone(log, planning, decision, role):
    target = {"metric": "unit_fill_rate", "variant": "first_shipment", "target": 0.9}
    command = planning(CommandType.SET_METRIC_TARGET, role=role, valid_from="2026-03-01", **target)
    receipt = log.submit(command)
    assert receipt.needs_approval
    with pytest.raises(FourEyesError):
        log.submit(decision(APPROVE, receipt, actor="pia"))
    log.submit(decision(APPROVE, receipt))
    assert statuses(log) == {command.command_id: CommandStatus.APPROVED}
