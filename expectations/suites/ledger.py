"""The suite on the ledger: the books balance, to the unit."""

from types import MappingProxyType

from expectations.checks import Check, Suite, no_rows
from ingestion.contracts.vocabulary import Severity, State

REPORT = (
    "The derivation is wrong, the facts are not. The last good generation stays up; report the "
    "defect with the rows shown, and run again once the models are corrected."
)
MOST_FLAGGED = 0.05


def ledger_suites() -> tuple[Suite, ...]:
    """Return the suites on movements, entries and balances."""
    return (_entries(), _movements(), _balances())


def _entries() -> Suite:
    return Suite(
        "ledger_entries",
        "main/fct_stock_entries",
        "select * from main.fct_stock_entries",
        (
            no_rows(
                "a_movement_is_two_entries_that_sum_to_zero",
                Severity.BLOCKING,
                "every movement has two entries that sum to 0",
                REPORT,
                found_by="""
                    select movement_id, count(*) as entries, sum(quantity) as quantity
                    from {batch} group by movement_id
                    having count(*) <> 2 or sum(quantity) <> 0""",
            ),
            no_rows(
                "units_are_conserved",
                Severity.BLOCKING,
                "the entries of every SKU sum to 0",
                REPORT,
                found_by="""
                    select sku, sum(quantity) as quantity
                    from {batch} group by sku having sum(quantity) <> 0""",
            ),
            no_rows(
                "no_entry_is_without_a_movement",
                Severity.BLOCKING,
                "every entry belongs to a movement",
                REPORT,
                found_by="""
                    select movement_id from {batch}
                    anti join main.fct_stock_movements using (movement_id)""",
            ),
            Check(
                "state_is_a_known_word",
                Severity.BLOCKING,
                "ExpectColumnValuesToBeInSet",
                "every entry is in a state of the vocabulary",
                REPORT,
                MappingProxyType({"column": "state", "value_set": [str(state) for state in State]}),
            ),
        ),
    )


def _movements() -> Suite:
    return Suite(
        "ledger_movements",
        "main/fct_stock_movements",
        "select * from main.fct_stock_movements",
        (
            Check(
                "movement_id_is_unique",
                Severity.BLOCKING,
                "ExpectColumnValuesToBeUnique",
                "no event is booked twice",
                REPORT,
                MappingProxyType({"column": "movement_id"}),
            ),
            Check(
                "quantity_is_positive",
                Severity.BLOCKING,
                "ExpectColumnValuesToBeBetween",
                "every movement moves at least one unit",
                REPORT,
                MappingProxyType({"column": "quantity", "min_value": 1}),
            ),
            no_rows(
                "no_movement_is_without_entries",
                Severity.BLOCKING,
                "every movement is in the books",
                REPORT,
                found_by="""
                    select movement_id from {batch}
                    anti join main.fct_stock_entries using (movement_id)""",
            ),
            Check(
                "few_movements_are_flagged",
                Severity.WARNING,
                "ExpectColumnValuesToBeNull",
                f"at most {MOST_FLAGGED:.0%} of the movements are flagged",
                'Look at the exceptions by type: `truestock query "select exception_type, count(*) '
                "from fct_exceptions where state != 'resolved' group by all\"`.",
                MappingProxyType({"column": "flag", "mostly": 1 - MOST_FLAGGED}),
            ),
        ),
    )


def _balances() -> Suite:
    return Suite(
        "ledger_balances",
        "main/fct_stock_balances",
        "select * from main.fct_stock_balances",
        (
            no_rows(
                "a_balance_is_the_sum_of_its_entries",
                Severity.BLOCKING,
                "every balance is the sum of its entries",
                REPORT,
                found_by="""
                    select location_id, sku, lot_id, state, sum(quantity) as quantity from (
                        select location_id, sku, lot_id, state, quantity from {batch}
                        union all
                        select location_id, sku, lot_id, state, -quantity
                        from main.fct_stock_entries
                    ) as both_sides
                    group by location_id, sku, lot_id, state having sum(quantity) <> 0""",
            ),
            no_rows(
                "no_physical_balance_is_negative",
                Severity.WARNING,
                "no physical account is below zero",
                "Count the SKU there, then record an adjustment; each is an exception of type "
                "negative_balance.",
                found_by="""
                    select location_id, sku, state, quantity from {batch}
                    where is_short""",
            ),
        ),
    )
