from decimal import Decimal

import pytest

from ingestion.commands.errors import NotAllowedError, PolicyError
from ingestion.commands.policy import Rule, Weight, needs_approval, read_policy
from ingestion.contracts.vocabulary import CommandType, Role

THRESHOLDS = Rule(
    command_type=CommandType.RECORD_ADJUSTMENT,
    role=Role.OPERATOR,
    above_value=Decimal(100),
    above_quantity=25,
)


@pytest.mark.parametrize(
    ("quantity", "value", "expected"),
    [
        (1, Decimal("99.99"), False),
        (1, Decimal("100.00"), False),
        (1, Decimal("100.01"), True),
        (24, Decimal(0), False),
        (25, Decimal(0), False),
        (26, Decimal(0), True),
        (1, None, True),
    ],
)
def test_only_what_is_above_a_threshold_or_of_unknown_value_waits(quantity, value, expected):
    assert needs_approval(THRESHOLDS, Weight(quantity, value)) is expected


def test_without_thresholds_nothing_waits():
    rule = Rule(command_type=CommandType.RETIRE_ALLOCATION_RULE, role=Role.PLANNER)
    assert not needs_approval(rule, Weight(10**9, None))


def test_a_viewer_may_submit_nothing():
    policy = read_policy()
    for command_type in CommandType:
        with pytest.raises(NotAllowedError):
            policy.rule(command_type, Role.VIEWER)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PLANNER, Role.SUPERVISOR])
def test_whoever_works_the_inbox_assigns_snoozes_and_resolves(role):
    for verb in (
        CommandType.ASSIGN_EXCEPTION, CommandType.SNOOZE_EXCEPTION, CommandType.RESOLVE_EXCEPTION,
    ):  # fmt: skip
        assert read_policy().rule(verb, role).role is role


def test_only_a_supervisor_decides():
    policy = read_policy()
    deciders = {rule.role for rule in policy.rules if rule.command_type == CommandType.APPROVE}
    assert deciders == {Role.SUPERVISOR}


@pytest.mark.parametrize(
    "command_type",
    [
        CommandType.SET_SAFETY_STOCK,
        CommandType.SET_CHANNEL_BUFFER,
        CommandType.SET_METRIC_TARGET,
    ],
)
def test_an_operator_plans_nothing(command_type):
    with pytest.raises(NotAllowedError, match="planner, supervisor"):
        read_policy().rule(command_type, Role.OPERATOR)


@pytest.mark.parametrize(
    "text",
    [
        "rules: [",
        "window_hours: 0\nrules: []",
        "window_hours: 24\nrules: [{command_type: fly, role: operator}]",
        "window_hours: 24\nrules: [{command_type: approve, role: operator, above: 3}]",
        "window_hours: 24\nrules: [&a {command_type: approve, role: operator}, *a]",
    ],
)
def test_a_policy_file_that_could_be_misread_is_refused(tmp_path, text):
    path = tmp_path / "policy.yml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=r"policy\.yml"):
        read_policy(path)
