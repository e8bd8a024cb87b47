"""The suite on the KPIs: every published number is one a person can read."""

from expectations.checks import Suite, no_rows
from expectations.suites.ledger import REPORT
from ingestion.contracts.vocabulary import Severity

RATIOS = """
    select * from {batch}
    semi join (from main.kpi_definitions where unit = 'ratio') as ratios using (metric, variant)"""


def kpi_suites() -> tuple[Suite, ...]:
    """Return the suite on kpi_values."""
    blocking = Severity.BLOCKING
    return (
        Suite(
            "kpis",
            "main/kpi_values",
            "select * from main.kpi_values",
            (
                no_rows(
                    "every_number_is_finite", blocking, "no value is infinite or not a number",
                    REPORT,
                    found_by="""
                        select metric, variant, period, value from {batch}
                        where not (isfinite(coalesce(value, 0)) and isfinite(coalesce(low, 0))
                            and isfinite(coalesce(high, 0)))""",
                ),
                no_rows(
                    "a_ratio_is_between_0_and_1", blocking, "every ratio lies between 0 and 1",
                    REPORT,
                    found_by=f"select metric, variant, period, value from ({RATIOS}) as ratios "
                    "where value not between 0 and 1",
                ),
                no_rows(
                    "a_part_is_not_above_its_whole", blocking,
                    "no ratio's numerator is above its denominator", REPORT,
                    found_by=f"select metric, variant, period from ({RATIOS}) as ratios "
                    "where numerator > denominator",
                ),
                no_rows(
                    "a_value_is_null_exactly_without_a_denominator", blocking,
                    "a value is null exactly when its denominator is 0", REPORT,
                    found_by="""
                        select metric, variant, period, value, denominator from {batch}
                        where (value is null) <> (coalesce(denominator, 0) = 0)""",
                ),
                no_rows(
                    "the_value_lies_in_its_interval", blocking,
                    "every value lies inside its own interval", REPORT,
                    found_by="""
                        select metric, variant, period, low, value, high from {batch}
                        where low > value + 1e-9 or high < value - 1e-9""",
                ),
                no_rows(
                    "every_metric_has_a_value", Severity.WARNING,
                    "every headline ratio has a value once each of its feeds has a record; a time "
                    "between two events has none where a system tells only one of them",
                    "See what the rows of its feeds lack: `truestock quarantine list`, and "
                    "kpi_definitions for what the metric counts.",
                    found_by="""
                        select definitions.metric, definitions.variant
                        from main.kpi_definitions as definitions
                        anti join (select metric, variant from {batch}) as given
                            using (metric, variant)
                        where definitions.is_headline
                            and definitions.aggregation = 'ratio'
                            and list_has_all(
                                (select list(distinct feed) from raw.batches,
                                    unnest(string_split(feeds, ',')) as delivered (feed)
                                where loaded_count > 0),
                                string_split(definitions.feeds, ' ')
                            )""",
                ),
            ),
        ),
    )  # fmt: skip
