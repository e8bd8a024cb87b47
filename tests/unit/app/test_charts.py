import csv
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from app.charts import counts, kpi, reconciliation, theme
from app.charts.stock import FAMILIES
from app.queries.kpis import Metric

SEEDS = Path(__file__).parents[3] / "dbt/seeds"


def seed(name):
    with (SEEDS / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_type_of_movement_is_drawn_in_exactly_one_family():
    drawn = Counter(kind for family in FAMILIES for kind in family.movement_types)
    assert set(drawn.values()) == {1}
    assert set(drawn) == {row["movement_type"] for row in seed("stock_transitions")}


def test_families_differ_in_more_than_their_colour():
    symbols = [family.symbol for family in FAMILIES]
    assert len(set(symbols)) == len(symbols)


def test_every_physical_state_has_its_place_in_the_chart_of_stock():
    physical = {row["state"] for row in seed("stock_states") if row["is_physical"] == "true"}
    assert set(theme.STATES) == physical


def test_the_explained_share_is_drawn_from_nothing_to_all_of_it():
    days = pl.DataFrame({"system": ["wms"], "period": [date(2026, 3, 1)], "explained_rate": [1.0]})
    assert reconciliation.explained(days).layout.yaxis.range == (0, 100)


@pytest.mark.parametrize(("value", "low", "high"), [(1.0, 0.97, 1.0), (0.0, 0.0, 0.02)])
def test_a_ratios_axis_never_leaves_what_a_ratio_can_be(value, low, high):
    metric = Metric("m", "v", "M", "ratio", "up", None, None, "stock", "me", "x", is_headline=True)
    day = {"period": date(2026, 3, 1), "span": "current", "value": value, "low": low, "high": high}
    bottom, top = kpi.trend(metric, pl.DataFrame([day])).layout.yaxis.range
    assert 0 <= bottom < top <= 100
    assert bottom <= 100 * low <= 100 * high <= top


def test_what_to_count_is_named_by_its_place():
    plan = pl.DataFrame(
        {"sku": ["TEE-1"], "location": ["East"], "risk_amount": [4], "count_type": ["cycle"]}
    )
    figure = counts.risk(plan, "EUR")
    assert figure.data[0].y == ("TEE-1 · East",)
    assert figure.layout.title.subtitle.text == "at cost, EUR"
