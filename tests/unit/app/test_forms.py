import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from app.forms.refusals import DEEDS
from app.forms.rule import Choices
from app.serving import Identity, Tower
from ingestion.commands.log import open_command_log
from ingestion.contracts.vocabulary import CommandType, Role

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def adjustment_page(tower):
    from app.forms.adjustment import adjustment_form  # noqa: PLC0415 - runs as a script of its own

    adjustment_form(tower, "TEE-1", {"east": "East"}, [])


def proposed_page(tower):
    from app.forms.adjustment import Proposed, adjustment_form  # noqa: PLC0415

    proposed = Proposed("claim-1", "west", -3, "lost", None, "Count of 2026-03-02: shrinkage")
    adjustment_form(tower, "TEE-1", {"east": "East", "west": "West"}, [], proposed)


def lost_location_page(tower):
    from app.forms.adjustment import adjustment_form  # noqa: PLC0415

    adjustment_form(tower, "TEE-1", {"north": "North"}, [])


def rule_page(tower, choices):
    from app.forms.rule import rule_form  # noqa: PLC0415

    rule_form(tower, choices)


def safety_stock_page(tower):
    from app.forms.holding_back import safety_stock_form  # noqa: PLC0415

    safety_stock_form(tower, {"east": "East"})


def buffer_page(tower):
    from app.forms.holding_back import buffer_form  # noqa: PLC0415

    buffer_form(tower, {"shop": "Own shop"})


def target_page(tower):
    from app.forms.target import target_form  # noqa: PLC0415
    from app.queries.kpis import metrics  # noqa: PLC0415

    known = {each.metric: each for each in metrics(tower.reader)}
    target_form(tower, known["unit_fill_rate"])


def approvals_page(tower):
    from app.forms.decision import approvals  # noqa: PLC0415

    approvals(tower, tower.commands, {})


@pytest.fixture
def log(settings):
    log = open_command_log(settings, lambda: NOW)
    yield log
    log.close()


@pytest.fixture
def tower_of(settings, log, publish_rows, product, places, balance):
    stock = [balance(location_id=each, quantity=40) for each in ("east", "west", "north")]
    reader = publish_rows(
        dim_products=[product(unit_cost_amount=1)], fct_stock_balances=stock, **places
    )

    def make(actor="ann", role=Role.OPERATOR):
        return Tower(settings, reader, log, Identity(actor, role), NOW)

    return make


def open_form(page, **arguments):
    return AppTest.from_function(page, kwargs=arguments, default_timeout=30).run()


def fill(form, quantity, note="fell off", reason="lost"):
    form.number_input[0].set_value(quantity)
    next(each for each in form.selectbox if each.label == "Reason").set_value(reason)
    form.text_input[0].set_value(note)
    return form


def submit(form, label="Record adjustment"):
    button = next(each for each in form.button if each.label == label)
    return button.click().run()


def test_a_proposal_fills_the_form_and_is_booked_only_by_sending_it(tower_of, log):
    form = open_form(proposed_page, tower=tower_of())
    assert log.entries() == []

    submit(form)

    (entry,) = log.entries()
    payload = json.loads(entry.payload)
    assert (payload["location_id"], payload["quantity"]) == ("west", -3)
    assert (payload["reason_code"], entry.reason) == ("lost", "Count of 2026-03-02: shrinkage")


def test_a_filled_in_form_is_one_command_and_comes_up_empty(tower_of, log):
    form = submit(fill(open_form(adjustment_page, tower=tower_of()), -3))
    (entry,) = log.entries()
    assert (entry.actor, entry.reason) == ("ann", "fell off")
    assert "entry 1" in form.success[0].value
    assert form.number_input[0].value is None
    assert form.text_input[0].value == ""


def test_the_same_rendering_submits_under_the_same_id(tower_of, log):
    form = fill(open_form(adjustment_page, tower=tower_of()), -3)
    rendered = form.session_state["adjustment.command_id"]
    submit(form)
    assert log.entries()[0].command_id == rendered
    assert form.session_state["adjustment.command_id"] != rendered


@pytest.mark.parametrize(
    ("quantity", "note", "told"),
    [
        (None, "fell off", "Units: it is empty."),
        (0, "fell off", "Units: 0 would move nothing."),
        (-3, " ", "Why, in your words: it is empty"),
    ],
)
def test_a_refused_form_says_why_and_keeps_its_fields(tower_of, log, quantity, note, told):
    form = submit(fill(open_form(adjustment_page, tower=tower_of()), quantity, note))
    said = form.error[0].value.replace("\\", "")
    assert said.startswith(told)
    assert said.endswith("correct it and send it again.")
    assert form.number_input[0].value == quantity
    assert log.entries() == []


def test_an_error_on_a_form_speaks_of_its_labels_and_of_no_code(tower_of):
    form = submit(fill(open_form(adjustment_page, tower=tower_of()), None, ""))
    id_ = form.session_state["adjustment.command_id"]
    for word in ("record", "adjustment", "payload", "quantity", id_):
        assert word not in form.error[0].value


def test_the_reason_of_an_adjustment_must_be_chosen(tower_of, log):
    form = open_form(adjustment_page, tower=tower_of())
    assert next(each for each in form.selectbox if each.label == "Reason").value is None
    submit(fill(form, -3, reason=None))
    assert "Reason: it is empty" in form.error[0].value.replace("\\", "")
    assert log.entries() == []


def test_an_empty_form_says_at_once_all_that_it_lacks(tower_of, log):
    said = submit(open_form(adjustment_page, tower=tower_of())).error[0].value.replace("\\", "")
    for each in ("Units: it is empty.", "Reason: it is empty.", "Why, in your words: it is empty"):
        assert each in said
    assert log.entries() == []


@pytest.mark.parametrize(
    ("quantity", "told"),
    [
        (2.5, "Units: 2.5 is no whole number."),
        (10**10, "Units: 10,000,000,000 is more than 1,000,000,000, the most there can be."),
    ],
)
def test_units_that_cannot_be_are_refused_in_words_and_not_cut(tower_of, log, quantity, told):
    form = submit(fill(open_form(adjustment_page, tower=tower_of()), quantity))
    assert told in form.error[0].value.replace("\\", "")
    assert log.entries() == []


def shown(form, text):
    return any(text in each.value.replace("\\", "") for each in form.caption)


def test_the_form_shows_what_is_there_now_and_after(tower_of):
    form = open_form(adjustment_page, tower=tower_of())
    assert shown(form, "East: on hand 40 now; available 40 now")
    form.number_input[0].set_value(-3).run()
    assert shown(form, "East: on hand 40 now, 37 after; available 40 now, 37 after")


def overdraw(tower):
    form = open_form(adjustment_page, tower=tower)
    return form.number_input[0].set_value(-5000).run()


def test_taking_more_than_there_is_must_be_confirmed(tower_of, log):
    form = overdraw(tower_of())
    assert "-4,960 available at East" in form.warning[0].value.replace("\\", "")
    submit(fill(form, -5000))
    assert "tick" in form.error[0].value
    assert log.entries() == []

    form.checkbox[0].check().run()
    submit(fill(form, -5000))
    assert json.loads(log.entries()[0].payload)["quantity"] == -5000


def test_who_approves_sees_what_it_leaves_and_says_why_below_zero(tower_of, log):
    form = overdraw(tower_of())
    form.checkbox[0].check().run()
    submit(fill(form, -5000))
    panel = open_form(approvals_page, tower=tower_of("sue", Role.SUPERVISOR))
    assert shown(panel, "East: on hand 40 now, -4,960 after")
    assert "-4,960 available at East" in panel.warning[0].value.replace("\\", "")

    submit(panel, "Approve")
    assert "say why" in panel.error[0].value
    assert len(log.pending_approvals()) == 1
    panel.text_input[0].set_value("the receipt was never booked")
    submit(panel, "Approve")
    assert log.pending_approvals() == []


def test_every_command_is_put_into_words_for_who_may_not_give_it():
    assert set(DEEDS) == set(CommandType)


def test_a_location_nobody_knows_is_refused_on_the_form(tower_of, log):
    form = submit(fill(open_form(lost_location_page, tower=tower_of()), -3))
    assert "knows no location north" in form.error[0].value
    assert form.number_input[0].value == -3
    assert log.entries() == []


def test_units_can_change_state(tower_of, log):
    form = open_form(adjustment_page, tower=tower_of())
    form.segmented_control[0].set_value("Units changed state").run()
    submit(fill(form, 4))
    assert '"from_state":"available"' in log.entries()[0].payload
    assert '"to_state":"quarantined"' in log.entries()[0].payload


@pytest.mark.parametrize(("actor", "role"), [("ann", Role.VIEWER), ("", Role.OPERATOR)])
def test_there_is_no_form_for_who_may_not_adjust(tower_of, actor, role):
    form = open_form(adjustment_page, tower=tower_of(actor, role))
    assert not form.number_input
    assert form.info


def test_a_supervisor_approves_what_somebody_else_submitted(tower_of, log):
    submit(fill(open_form(adjustment_page, tower=tower_of()), -26))
    panel = open_form(approvals_page, tower=tower_of("sue", Role.SUPERVISOR))
    submit(panel, "Approve")
    assert log.pending_approvals() == []


def test_nobody_can_press_approve_on_their_own_command(tower_of):
    submit(fill(open_form(adjustment_page, tower=tower_of()), -26))
    panel = open_form(approvals_page, tower=tower_of("Ann", Role.SUPERVISOR))
    assert next(each for each in panel.button if each.label == "Approve").disabled


def test_an_operator_sees_what_waits_but_cannot_decide(tower_of):
    submit(fill(open_form(adjustment_page, tower=tower_of()), -26))
    panel = open_form(approvals_page, tower=tower_of("bob", Role.OPERATOR))
    assert not panel.button
    assert any("TEE" in each.value for each in panel.markdown)


@pytest.fixture
def choices():
    known = {
        "channel_id": "shop",
        "sku": "*",
        "channel_priority": 3,
        "ring_fence_quantity": 0,
        "buffer_quantity": 7,
        "location_order": ["east"],
    }
    return Choices({"shop": "Own shop"}, {"east": "East"}, {"reserve": known})


def name_rule(form, name):
    next(each for each in form.text_input if each.label == "Name of the rule").set_value(name)
    next(each for each in form.text_input if each.label.startswith("Why")).set_value("season")
    return form


def test_a_rule_set_from_an_old_form_is_refused_as_stale(tower_of, log, choices):
    tower = tower_of("pia", Role.PLANNER)
    submit(name_rule(open_form(rule_page, tower=tower, choices=choices), "reserve"), "Set rule")
    old = open_form(rule_page, tower=tower, choices=choices)
    old.selectbox[0].set_value("reserve").run()
    newer = open_form(rule_page, tower=tower, choices=choices)
    newer.selectbox[0].set_value("reserve").run()
    newer.text_input[-2].set_value("newer")
    submit(newer, "Set rule")
    assert log.rule_version("reserve") == 2
    old.text_input[-2].set_value("older")
    assert "somebody changed it" in submit(old, "Set rule").error[0].value
    assert log.rule_version("reserve") == 2


def test_a_rule_starts_from_its_newest_version(tower_of, choices):
    form = open_form(rule_page, tower=tower_of("pia", Role.PLANNER), choices=choices)
    form.selectbox[0].set_value("reserve").run()
    assert [each.value for each in form.number_input] == [3, 0, 7]
    assert form.multiselect[0].value == ["east"]


def test_a_ring_fence_is_offered_for_one_channel_only(tower_of, choices):
    form = open_form(rule_page, tower=tower_of("pia", Role.PLANNER), choices=choices)
    assert "Ring-fence, units" not in [each.label for each in form.number_input]
    form.selectbox[1].set_value("shop").run()
    assert "Ring-fence, units" in [each.label for each in form.number_input]


def test_revising_a_rule_keeps_its_days(tower_of, choices):
    coming = {"valid_from": datetime(2026, 4, 1), "valid_to": datetime(2026, 5, 1)}  # noqa: DTZ001
    revised = replace(choices, rules={"reserve": {**choices.rules["reserve"], **coming}})
    form = open_form(rule_page, tower=tower_of("pia", Role.PLANNER), choices=revised)
    form.selectbox[0].set_value("reserve").run()
    assert [str(each.value) for each in form.date_input[:2]] == ["2026-04-01", "2026-05-01"]


def test_a_preview_writes_nothing(tower_of, log, choices):
    form = open_form(rule_page, tower=tower_of("pia", Role.PLANNER), choices=choices)
    submit(name_rule(form, "draft"), "Preview effect")
    assert log.entries() == []


def test_a_rule_for_a_sku_nobody_knows_is_refused_on_the_form(tower_of, log, choices):
    form = open_form(rule_page, tower=tower_of("pia", Role.PLANNER), choices=choices)
    next(each for each in form.text_input if each.label.startswith("SKU")).set_value("nosuch")
    form = submit(name_rule(form, "typo"), "Set rule")
    assert "knows no product NOSUCH" in form.error[0].value
    assert log.entries() == []


def test_an_operator_cannot_set_a_rule(tower_of, log, choices):
    form = open_form(rule_page, tower=tower_of("ann", Role.OPERATOR), choices=choices)
    form = submit(name_rule(form, "mine"), "Set rule")
    assert "may not" in form.error[0].value
    assert log.entries() == []


def name_sku(form, sku, note="season"):
    next(each for each in form.text_input if each.label.startswith("SKU")).set_value(sku)
    next(each for each in form.text_input if each.label.startswith("Why")).set_value(note)
    form.number_input[0].set_value(7)
    return form


def test_a_planner_sets_the_networks_safety_stock(tower_of, log):
    form = open_form(safety_stock_page, tower=tower_of("pia", Role.PLANNER))
    form = submit(name_sku(form, "tee-1"), "Set safety stock")
    assert "entry 1" in form.success[0].value
    assert json.loads(log.entries()[0].payload) == {
        "sku": "TEE-1",
        "location_id": "*",
        "quantity": 7,
    }


def test_a_planner_sets_a_channels_buffer(tower_of, log):
    form = open_form(buffer_page, tower=tower_of("pia", Role.PLANNER))
    submit(name_sku(form, "*"), "Set buffer")
    assert json.loads(log.entries()[0].payload) == {
        "channel_id": "shop",
        "sku": "*",
        "quantity": 7,
    }


def test_a_safety_stock_of_a_sku_nobody_knows_is_refused_on_the_form(tower_of, log):
    form = open_form(safety_stock_page, tower=tower_of("pia", Role.PLANNER))
    form = submit(name_sku(form, "nosuch"), "Set safety stock")
    assert "knows no product NOSUCH" in form.error[0].value
    assert log.entries() == []


@pytest.mark.parametrize(
    ("page", "label"), [(safety_stock_page, "Set safety stock"), (buffer_page, "Set buffer")]
)
def test_an_operator_cannot_keep_stock_back(tower_of, log, page, label):
    form = submit(name_sku(open_form(page, tower=tower_of()), "TEE-1"), label)
    assert "may not" in form.error[0].value
    assert log.entries() == []


def test_a_planners_target_waits_for_somebody_else(tower_of, log):
    form = open_form(target_page, tower=tower_of("pia", Role.PLANNER))
    form.number_input[0].set_value(0.98)
    form.text_input[0].set_value("a better year")
    submit(form, "Set target")
    (waiting,) = log.pending_approvals()
    assert json.loads(waiting.payload) == {
        "metric": "unit_fill_rate",
        "variant": "first_shipment",
        "target": 0.98,
        "valid_from": "2026-03-10T00:00:00.000000Z",
    }


def test_an_operator_cannot_set_a_target(tower_of, log):
    form = open_form(target_page, tower=tower_of())
    form.number_input[0].set_value(0.5)
    form.text_input[0].set_value("easier")
    assert "may not" in submit(form, "Set target").error[0].value
    assert log.entries() == []
