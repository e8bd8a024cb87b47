import pytest

from expectations.runner import Which
from ingestion.contracts.vocabulary import Severity

LEDGER_DAMAGE = {
    "a_movement_is_two_entries_that_sum_to_zero": (
        "update main.fct_stock_entries set quantity = 2 where state = 'lost'"
    ),
    "units_are_conserved": "update main.fct_stock_entries set quantity = 4 where quantity = 3",
    "no_entry_is_without_a_movement": "delete from main.fct_stock_movements where quantity = 1",
    "state_is_a_known_word": "update main.fct_stock_entries set state = 'shelf'",
    "movement_id_is_unique": "insert into main.fct_stock_movements values ('m1', 3, null)",
    "quantity_is_positive": "update main.fct_stock_movements set quantity = 0",
    "no_movement_is_without_entries": "delete from main.fct_stock_entries where movement_id = 'm2'",
    "few_movements_are_flagged": "update main.fct_stock_movements set flag = 'illegal_transition'",
    "a_balance_is_the_sum_of_its_entries": (
        "update main.fct_stock_balances set quantity = 5 where state = 'available'"
    ),
    "no_physical_balance_is_negative": (
        "update main.fct_stock_balances set quantity = -1, is_short = true "
        "where state = 'available'"
    ),
}
KPI_DAMAGE = {
    "every_number_is_finite": "value = 'inf'::double",
    "a_ratio_is_between_0_and_1": "value = 1.2, high = 1.3",
    "a_part_is_not_above_its_whole": "numerator = 11",
    "a_value_is_null_exactly_without_a_denominator": "denominator = 0",
    "the_value_lies_in_its_interval": "low = 0.95",
}


def test_sound_books_pass_every_check(court):
    assert court.failed(Which.BUILT) == set()


@pytest.mark.parametrize(("check", "damage"), LEDGER_DAMAGE.items(), ids=LEDGER_DAMAGE)
def test_damage_to_the_books_fails_its_check(court, check, damage):
    court.write(damage)
    assert check in court.failed(Which.BUILT)


@pytest.mark.parametrize(("check", "damage"), KPI_DAMAGE.items(), ids=KPI_DAMAGE)
def test_a_number_nobody_can_read_fails_its_check(court, check, damage):
    court.write(f"update main.kpi_values set {damage}")
    assert check in court.failed(Which.BUILT)


TURNS = """
    insert into main.kpi_definitions values
        ('turns', 'year', 'turns', 'ratio', true, 'receipts orders'),
        ('dock_to_stock', 'p50', 'hours', 'percentile', true, 'receipts'),
        ('phantoms', 'units', 'units', 'sum', true, 'orders')
"""


def delivered(receipts_loaded):
    return f"""
        insert into raw.batches
            (batch_id, source_system, file_name, feeds, physical_count, loaded_count,
            duplicate_count, quarantined_count)
        values
            ('b1', 'shop', 'orders.csv', 'orders,order_lines', 1, 1, 0, 0),
            ('b2', 'wms', 'in.csv', 'receipts', 1, {receipts_loaded}, 0, {1 - receipts_loaded})
    """


def test_a_metric_without_a_value_is_a_warning_once_each_of_its_feeds_has_a_record(court):
    court.write(TURNS)
    court.write(delivered(receipts_loaded=1))
    failed = [result for result in court.judge(Which.BUILT) if not result.passed]
    assert [(one.check_name, one.severity) for one in failed] == [
        ("every_metric_has_a_value", Severity.WARNING)
    ]
    assert not failed[0].is_blocking
    assert "turns" in failed[0].observed
    assert "dock_to_stock" not in failed[0].observed


def test_a_metric_whose_feeds_never_came_is_no_warning(court):
    court.write(TURNS)
    assert court.failed(Which.BUILT) == set()
    court.write(delivered(receipts_loaded=0))
    assert court.failed(Which.BUILT) == set()


def test_a_failure_says_what_was_found_and_what_to_do(court):
    court.write(
        "update main.fct_stock_balances set quantity = -4, is_short = true "
        "where state = 'available'"
    )
    results = {result.check_name: result for result in court.judge(Which.BUILT)}
    found = results["no_physical_balance_is_negative"]
    assert "quantity -4" in found.observed
    assert "record an adjustment" in found.detail


def test_a_check_that_cannot_be_judged_fails(court):
    court.write("alter table main.fct_stock_movements drop flag")
    results = {result.check_name: result for result in court.judge(Which.BUILT)}
    assert "could not be judged" in results["few_movements_are_flagged"].observed


def test_results_stand_in_the_warehouse_once_per_check(court):
    court.judge(Which.BUILT)
    results = [*court.judge(Which.LANDING), *court.judge(Which.BUILT)]
    rows = court.ask("select suite, check_name, passed from meta.checks order by all")
    assert rows == sorted((one.suite, one.check_name, one.passed) for one in results)
