"""Each metric's rows sum to its values: on every day, place and partner, to the unit."""

import csv
from pathlib import Path

import pytest

from ingestion.generations import open_current

SEED = Path(__file__).parents[3] / "dbt" / "seeds" / "kpi_definitions.csv"
GRAINS = {
    "": (), "_location": ("location_id",), "_channel": ("channel_id",),
    "_supplier": ("supplier_id",), "_system": ("source_system",),
    "_event": ("source_system", "event_name"),
}  # fmt: skip
with SEED.open() as file:
    DEFINITIONS = [row for row in csv.DictReader(file) if row["aggregation"] != "product"]
AGGREGATES = {
    "ratio": "sum(numerator), sum(denominator)",
    "mean": "sum(numerator), sum(denominator)",
    "sum": "sum(numerator), 1",
    "level": "sum(numerator), 1",
    "percentile": "quantile_cont(numerator::double, {share}), count(*)",
}
NEVER_IN_THE_DEMO = {"phantom_stock", "negative_stock_events", "backorder_exposure"}


@pytest.fixture(scope="module")
def published(demo_home):
    _, connection = open_current(demo_home)
    with connection:
        yield connection


def rows_of(connection, definition, by):
    """What the metric's own rows come to, per period and the dimensions `by`."""
    variant, aggregation = definition["variant"], definition["aggregation"]
    aggregate = AGGREGATES[aggregation]
    if aggregation == "percentile":
        variant, _, percent = variant.rpartition("_p")
        aggregate = aggregate.format(share=int(percent) / 100)
    relation = f"kpi_{definition['metric']}_rows"
    day = "period"
    if aggregation == "level":
        relation += """
            inner join (
                select distinct period as day from kpi_values
                where metric = $metric and variant = $named
            ) on day >= period and day < coalesce(period_to, date '9999-12-31')"""
        day = "day"
    keys = ", ".join((day, *by))
    known = "".join(f" and {one} is not null" for one in by)
    rows = connection.execute(
        f"select {keys}, {aggregate} from {relation} where variant = $variant {known} "
        f"and $metric is not null and $named is not null group by {keys}",
        {"variant": variant, "metric": definition["metric"], "named": definition["variant"]},
    ).fetchall()
    return by_key(rows, aggregation)


def values_of(connection, definition, grain, by):
    """What kpi_values publishes."""
    measured = "value" if definition["aggregation"] == "percentile" else "numerator"
    keys = ", ".join(("period", *by))
    rows = connection.execute(
        f"select {keys}, {measured}, denominator from kpi_values where metric = $metric "
        "and variant = $variant and grain in ('day' || $grain, 'month' || $grain)",
        {"metric": definition["metric"], "variant": definition["variant"], "grain": grain},
    ).fetchall()
    return by_key(rows, definition["aggregation"])


def by_key(rows, aggregation):
    """Numerator (or percentile) and denominator by key; no row stands for a level of 0."""
    is_level = aggregation == "level"
    return {row[:-2]: row[-2:] for row in rows if row[-2] != 0 or not is_level}


@pytest.mark.parametrize(
    "definition", DEFINITIONS, ids=[f"{one['metric']}-{one['variant']}" for one in DEFINITIONS]
)
def test_a_metrics_rows_sum_to_its_values(published, definition):
    columns = published.execute(f"describe kpi_{definition['metric']}_rows").fetchall()
    has = {column[0] for column in columns}
    for grain, by in GRAINS.items():
        values = values_of(published, definition, grain, by)
        if not has.issuperset(by):
            assert values == {}
        elif values or not by:
            assert rows_of(published, definition, by) == values


def test_nearly_every_metric_has_rows_in_the_demo(published):
    empty = {
        metric
        for metric in {definition["metric"] for definition in DEFINITIONS}
        if published.execute(f"select count(*) from kpi_{metric}_rows").fetchone() == (0,)
    }
    assert empty <= NEVER_IN_THE_DEMO


def test_the_perfect_order_index_is_the_product_of_its_four_rates(published):
    (different,) = published.execute(
        """
        with rates as (
            select grain, period, location_id, channel_id, product(value) as index
            from kpi_values
            where metric = 'perfect_order_rate'
                and variant in ('in_full', 'on_time', 'undamaged', 'documented')
            group by all
        )
        select count(*) filter (where abs(value - index) > 1e-9), count(*)
        from kpi_values inner join rates
            on kpi_values.grain = rates.grain and kpi_values.period = rates.period
            and kpi_values.location_id is not distinct from rates.location_id
            and kpi_values.channel_id is not distinct from rates.channel_id
        where metric = 'perfect_order_rate' and variant = 'product'
        """
    ).fetchall()
    assert different[0] == 0
    assert different[1] > 50


def test_a_drill_down_names_its_orders(published):
    ((numerator, denominator, lines),) = published.execute(
        """
        select sum(numerator), sum(denominator), count(distinct order_id || '|' || line_id)
        from kpi_unit_fill_rate_rows
        semi join (from fct_order_lines) as lines using (order_id, line_id)
        """
    ).fetchall()
    assert (numerator, denominator) == published.execute(
        "select sum(numerator), sum(denominator) from kpi_values "
        "where metric = 'unit_fill_rate' and grain = 'day'"
    ).fetchone()
    assert lines > 100


def test_every_leak_of_margin_has_a_cause(published):
    assert published.execute(
        "select count(*) filter (where cause is null), count(distinct variant) > 3 "
        "from kpi_margin_leakage_rows"
    ).fetchone() == (0, True)


def test_the_trust_score_is_the_product_of_its_published_terms(published):
    assert published.execute(
        """
        select count(*) filter (where abs(trust - fresh_share * (1 - quarantined_share)
            * (1 - suspense_share) * (1 - failed_check_share)) > 1e-12), min(trust) < 1
        from kpi_trust where trust is not null
        """
    ).fetchone() == (0, True)
    assert published.execute(
        "select count(*) from kpi_values left join kpi_trust using (metric, variant) "
        "where kpi_values.trust is distinct from kpi_trust.trust"
    ).fetchone() == (0,)
