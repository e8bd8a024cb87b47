"""A command may only name what the current generation knows."""

from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest

from dagster_project.lib.publication import Edition, Relation, publish
from ingestion.commands.errors import InvalidCommandError, UnknownCodeError
from ingestion.commands.log import open_command_log
from ingestion.commands.master_data import PublishedMasterData
from ingestion.contracts.commands import RecordAdjustment
from ingestion.contracts.vocabulary import CommandType
from ingestion.settings import Settings

SAFETY_STOCK, BUFFER, TARGET = (
    CommandType.SET_SAFETY_STOCK,
    CommandType.SET_CHANNEL_BUFFER,
    CommandType.SET_METRIC_TARGET,
)
PUBLISHED = {
    "dim_products": "select * from (values ('TEE-1', 4.00), ('MILK-1', 1.00), ('MUG-1', null)) "
    "as products(sku, unit_cost_amount)",
    "dim_locations": "select unnest(['FC-EAST', 'FC-WEST']) as location_id",
    "dim_channels": "select unnest(['shop', 'market']) as channel_id",
    "fct_stock_balances": "select 'FC-EAST' as location_id, 'available' as state, * from (values "
    "('MILK-1', 'L1', 6), ('MILK-1', 'L2', 4), ('TEE-1', null, 24)) as b(sku, lot_id, quantity)",
    "fct_stock_movements": "select timestamp '2026-02-01 06:30:00' as occurred_at",
    "kpi_definitions": "select * from (values ('unit_fill_rate', 'first_shipment', 'up'), "
    "('stock_cancel_rate', 'line', 'down')) as definitions(metric, variant, direction)",
}


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def publish_master_data(settings, clock):
    def publish_(**changed):
        relations = [Relation(name, sql) for name, sql in (PUBLISHED | changed).items()]
        with duckdb.connect() as connection:
            publish(connection, settings, tuple(relations), Edition(clock(), "run", "0:0"))

    return publish_


@pytest.fixture
def log(settings, clock):
    log = open_command_log(settings, clock)
    yield log
    log.close()


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"sku": "NO-SUCH"}, "knows no product NO-SUCH. Correct it, or add it to the products"),
        ({"sku": "*"}, "knows no product"),
        ({"location_id": "FC-NORTH"}, "knows no location FC-NORTH"),
    ],
)
def test_an_adjustment_of_something_unknown_is_refused(
    log, publish_master_data, adjustment, payload, said
):
    publish_master_data()
    with pytest.raises(UnknownCodeError, match=said):
        log.submit(adjustment(**payload))
    assert log.entries() == []


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"sku": "tee-1 "},
        {"sku": "MILK-1", "lot_id": "L2"},
        {"occurred_at": "2026-02-01T06:30:00Z"},
    ],
)
def test_an_adjustment_of_what_is_known_is_accepted(log, publish_master_data, adjustment, payload):
    publish_master_data()
    assert log.submit(adjustment(**payload)).sequence == 1


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"sku": "MILK-1", "lot_id": "L9"}, "hold no lot L9 of MILK-1, only L1, L2: choose one"),
        ({"sku": "TEE-1", "lot_id": "L9"}, "hold no lot of TEE-1, so none can be L9: leave it"),
        ({"occurred_at": "1999-01-01T00:00:00Z"}, "before the books begin, at 2026-02-01 06:30"),
    ],
)
def test_an_adjustment_the_books_cannot_have_room_for_is_refused(
    log, publish_master_data, adjustment, payload, said
):
    publish_master_data()
    with pytest.raises(InvalidCommandError, match=said):
        log.submit(adjustment(**payload))
    assert log.entries() == []


@pytest.mark.parametrize(
    ("payload", "after"),
    [
        ({"quantity": -30}, -6),
        ({"quantity": -4}, 20),
        ({"quantity": 30}, None),
        ({"quantity": 25, "from_state": "available", "to_state": "damaged"}, -1),
        ({"sku": "MILK-1", "lot_id": "L2", "quantity": -5}, -1),
    ],
)
def test_what_an_adjustment_leaves_is_known(
    settings, publish_master_data, adjustment, payload, after
):
    publish_master_data()
    parsed = RecordAdjustment.model_validate(adjustment(**payload).payload)
    assert PublishedMasterData(settings)(parsed).balance_after == after


def test_taking_more_than_the_books_hold_is_approved_with_a_reason_only(
    log, publish_master_data, adjustment, decision
):
    publish_master_data()
    waiting = log.submit(adjustment(quantity=-30))
    approval = decision(CommandType.APPROVE, waiting)
    with pytest.raises(InvalidCommandError, match="it leaves -6 TEE-1 at FC-EAST: say why"):
        log.submit(replace(approval, reason=""))
    assert log.submit(approval).sequence == 2


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"channel_id": "kiosk"}, "knows no channel kiosk"),
        ({"sku": "NO-SUCH"}, "knows no product NO-SUCH"),
        ({"location_order": ["FC-EAST", "FC-NORTH"]}, "knows no location FC-NORTH"),
    ],
)
def test_a_rule_for_something_unknown_is_refused(
    log, publish_master_data, rule_command, payload, said
):
    publish_master_data()
    with pytest.raises(UnknownCodeError, match=said):
        log.submit(rule_command(**payload))
    assert log.rule_version("shop-first") == 0


@pytest.mark.parametrize(
    "payload", [{}, {"channel_id": "*", "sku": "*"}, {"channel_id": "shop", "sku": "MUG-1"}]
)
def test_a_rule_for_everything_or_for_what_is_known_is_accepted(
    log, publish_master_data, rule_command, payload
):
    publish_master_data()
    assert log.submit(rule_command(location_order=["FC-WEST"], **payload)).sequence == 1


@pytest.mark.parametrize(
    ("command_type", "payload", "said"),
    [
        (SAFETY_STOCK, {"sku": "NO-SUCH", "quantity": 5}, "knows no product NO-SUCH"),
        (SAFETY_STOCK, {"sku": "*", "quantity": 5}, "knows no product"),
        (
            SAFETY_STOCK,
            {"sku": "TEE-1", "location_id": "FC-NORTH", "quantity": 5},
            "knows no location FC-NORTH",
        ),
        (BUFFER, {"channel_id": "kiosk", "quantity": 5}, "knows no channel kiosk"),
        (BUFFER, {"channel_id": "*", "quantity": 5}, "knows no channel"),
        (BUFFER, {"channel_id": "shop", "sku": "NO-SUCH", "quantity": 5}, "no product NO-SUCH"),
        (
            TARGET,
            {"metric": "fill", "variant": "x", "target": 1, "valid_from": "2026-03-01"},
            "knows no metric fill.x. Correct it, or choose one that kpi_definitions lists",
        ),
    ],
)
def test_what_is_kept_back_or_aimed_at_must_be_known(
    log, publish_master_data, planning, command_type, payload, said
):
    publish_master_data()
    with pytest.raises(UnknownCodeError, match=said):
        log.submit(planning(command_type, **payload))
    assert log.entries() == []


@pytest.mark.parametrize(
    ("command_type", "payload"),
    [
        (SAFETY_STOCK, {"sku": "tee-1", "quantity": 5}),
        (SAFETY_STOCK, {"sku": "TEE-1", "location_id": "FC-EAST", "quantity": 0}),
        (BUFFER, {"channel_id": "shop", "quantity": 5}),
        (BUFFER, {"channel_id": "market", "sku": "MUG-1", "quantity": 5}),
    ],
)
def test_stock_of_what_is_known_can_be_kept_back(
    log, publish_master_data, planning, command_type, payload
):
    publish_master_data()
    assert not log.submit(planning(command_type, **payload)).needs_approval


def test_before_the_first_generation_nothing_is_known(log, adjustment, rule_command):
    for command in (adjustment(), rule_command()):
        with pytest.raises(UnknownCodeError, match="Run `truestock run`"):
            log.submit(command)


def test_a_command_sent_again_gets_its_receipt_though_its_sku_is_gone(
    log, publish_master_data, adjustment
):
    publish_master_data()
    command = adjustment()
    receipt = log.submit(command)
    publish_master_data(dim_products="select 'MUG-1' as sku, null::decimal as unit_cost_amount")
    assert log.submit(command) == receipt
    with pytest.raises(UnknownCodeError):
        log.submit(replace(command, command_id="another-command"))


@pytest.mark.parametrize(("sku", "cost"), [("TEE-1", Decimal("4.00")), ("MUG-1", None)])
def test_an_adjustment_is_valued_at_the_published_cost(
    settings, publish_master_data, adjustment, sku, cost
):
    publish_master_data()
    payload = RecordAdjustment.model_validate(adjustment(sku=sku).payload)
    assert PublishedMasterData(settings)(payload).unit_cost == cost


FILL = {"metric": "unit_fill_rate", "variant": "first_shipment", "valid_from": "2026-03-01"}
CANCEL = {"metric": "stock_cancel_rate", "variant": "line", "valid_from": "2026-03-01"}


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (FILL | {"target": 0.95, "warn_at": 0.97}, "lies not above the target"),
        (CANCEL | {"target": 0.02, "warn_at": 0.01}, "lies not below the target"),
    ],
)
def test_a_warning_better_than_its_target_is_refused(
    log, publish_master_data, planning, payload, said
):
    publish_master_data()
    with pytest.raises(InvalidCommandError, match=said):
        log.submit(planning(TARGET, **payload))
    assert log.entries() == []


@pytest.mark.parametrize(
    "payload",
    [FILL | {"target": 0.95, "warn_at": 0.9}, CANCEL | {"target": 0.01, "warn_at": 0.01}],
)
def test_a_warning_worse_than_its_target_is_accepted(log, publish_master_data, planning, payload):
    publish_master_data()
    assert log.submit(planning(TARGET, **payload)).sequence == 1
