from datetime import date

import pytest

from app.queries import kpis
from app.queries.kpis import Metric, Tile, Verdict
from app.views.overview import _change
from dagster_project.lib.summary import DAYS_SHOWN, summarise


def tile(reader, metric, days=7):
    return next(each for each in kpis.tiles(reader, days) if each.metric.metric == metric)


def metric_of(reader, name, variant=None):
    return next(
        each
        for each in kpis.metrics(reader)
        if each.metric == name and variant in (None, each.variant)
    )


def test_a_ratio_over_a_period_is_units_over_units_not_a_mean_of_days(publish_rows, kpi):
    reader = publish_rows(
        kpi_values=[kpi(date(2026, 3, 9), 1, 1), kpi(date(2026, 3, 10), 80, 99)],
    )
    fill = tile(reader, "unit_fill_rate")
    assert fill.value == pytest.approx(0.81)
    assert (fill.numerator, fill.denominator) == (81, 100)


def test_a_period_is_compared_with_the_one_before_of_the_same_length(publish_rows, kpi):
    days = [
        kpi(date(2026, 2, 24), 0, 10),
        kpi(date(2026, 2, 25), 5, 10),
        kpi(date(2026, 3, 3), 7, 10),
        kpi(date(2026, 3, 4), 9, 10),
        kpi(date(2026, 3, 10), 9, 10),
    ]
    fill = tile(publish_rows(kpi_values=days), "unit_fill_rate")
    assert (fill.value, fill.previous) == (0.9, 0.6)


def test_a_metric_without_a_denominator_has_no_value_and_no_verdict(publish_rows, kpi):
    fill = tile(publish_rows(kpi_values=[kpi(date(2026, 3, 10), 0, 0)]), "unit_fill_rate")
    assert (fill.value, fill.verdict) == (None, Verdict.NO_VALUE)


def test_hours_are_weighted_by_the_lines_behind_each_day(publish_rows, kpi):
    cycle = {"metric": "order_cycle_time", "variant": "placed_to_shipped_p50"}
    reader = publish_rows(
        kpi_values=[
            kpi(date(2026, 3, 9), None, 3, **cycle, value=10.0),
            kpi(date(2026, 3, 10), None, 1, **cycle, value=30.0),
        ]
    )
    assert tile(reader, "order_cycle_time").value == 15


def test_stock_is_a_level_and_events_are_summed(publish_rows, kpi):
    stock = {"metric": "stock_quantity", "variant": "on_hand"}
    negative = {"metric": "negative_stock_events", "variant": "count"}
    reader = publish_rows(
        kpi_values=[
            kpi(date(2026, 3, 9), 100, 1, **stock, value=100.0),
            kpi(date(2026, 3, 10), 90, 1, **stock, value=90.0),
            kpi(date(2026, 3, 9), 2, 1, **negative, value=2.0),
            kpi(date(2026, 3, 10), 1, 1, **negative, value=1.0),
        ]
    )
    assert tile(reader, "stock_quantity").value == 90
    assert tile(reader, "negative_stock_events").value == 3


def test_an_adjustment_today_does_not_push_the_orders_out_of_the_period(publish_rows, kpi):
    stock = {"metric": "stock_quantity", "variant": "on_hand", "value": 50.0}
    reader = publish_rows(
        kpi_values=[
            kpi(date(2026, 3, 10), 9, 10),
            kpi(date(2026, 3, 10), 9, 10, grain="day_channel", channel_id="shop"),
            kpi(date(2026, 6, 1), 50, 1, **stock),
        ]
    )
    assert tile(reader, "unit_fill_rate").value == 0.9
    assert tile(reader, "stock_quantity").value == 50


def test_a_metric_breaks_down_by_channel_with_its_numbers(publish_rows, kpi, places):
    by_shop = {"grain": "day_channel", "channel_id": "shop"}
    reader = publish_rows(
        kpi_values=[
            kpi(date(2026, 3, 10), 9, 10),
            kpi(date(2026, 3, 10), 9, 10, **by_shop),
            kpi(date(2026, 3, 1), 3, 10, **by_shop),
        ],
        **places,
    )
    metric = metric_of(reader, "unit_fill_rate")
    (row,) = kpis.breakdown(reader, metric, 7, "channel").to_dicts()
    assert row == {
        "name": "Own shop",
        "value": 0.9,
        "previous": 0.3,
        "numerator": 9.0,
        "denominator": 10.0,
    }
    (day,) = kpis.daily_breakdown(reader, metric, 7, "channel").to_dicts()
    assert (day["period"], day["name"], day["numerator"]) == (date(2026, 3, 10), "Own shop", 9.0)


def test_a_monthly_metric_shows_the_month_up_to_now_against_the_month_before(publish_rows, kpi):
    turns = {"metric": "inventory_turns", "variant": "annualised", "grain": "month"}
    reader = publish_rows(
        kpi_values=[
            kpi(date(2026, 1, 1), 900, 100, **turns),
            kpi(date(2026, 2, 1), 300, 100, **turns),
            kpi(date(2026, 3, 1), 400, 100, **turns),
            kpi(date(2026, 3, 10), 9, 10),
        ]
    )
    shown = tile(reader, "inventory_turns", 28)
    assert (shown.value, shown.previous) == (4, 3)


def test_a_sum_of_money_is_in_the_currency_that_all_products_share(publish_rows, product):
    def currency(*known):
        products = [product(f"SKU-{each}", currency=each) for each in known]
        return metric_of(publish_rows(dim_products=products), "margin_leakage").currency

    assert (currency("EUR"), currency("EUR", "USD"), currency()) == ("EUR", "", "")
    assert metric_of(publish_rows(dim_products=[product()]), "unit_fill_rate").currency == ""


def test_the_target_in_force_is_the_one_somebody_set(publish_rows):
    fill = {"metric": "unit_fill_rate", "variant": "first_shipment"}
    reader = publish_rows(
        kpi_targets=[
            fill | {"target": 0.97, "valid_from_on": date(1970, 1, 1),
                    "valid_to_on": date(2026, 3, 9)},
            fill | {"target": 0.9, "warn_at": 0.8, "valid_from_on": date(2026, 3, 9)},
        ]
    )  # fmt: skip
    assert metric_of(reader, "unit_fill_rate").target == 0.9


def test_the_trust_score_comes_with_its_terms(publish_rows):
    terms = {"trust": 0.45, "fresh_share": 0.5, "quarantined_share": 0.1, "suspense_share": 0}
    known = {"metric": "unit_fill_rate", "variant": "first_shipment", "failed_check_share": 0}
    reader = publish_rows(kpi_trust=[known | terms])
    metric = metric_of(reader, "unit_fill_rate")
    assert kpis.trust(reader, metric) == kpis.Trust(0.45, 0.5, 0.1, 0, 0)
    assert kpis.trust(reader, metric_of(reader, "on_time_ship")) is None


def test_the_trend_covers_both_periods_day_by_day(publish_rows, kpi):
    reader = publish_rows(
        kpi_values=[kpi(date(2026, 3, 1), 1, 2), kpi(date(2026, 3, 10), 2, 2)],
    )
    trend = kpis.trend(reader, metric_of(reader, "unit_fill_rate"), 7)
    assert trend.select("span", "value").rows() == [("previous", 0.5), ("current", 1.0)]


def test_every_headline_has_a_tile_even_before_anything_was_measured(publish_rows):
    reader = publish_rows()
    assert kpis.last_day(reader) is None
    headlines = [metric for metric in kpis.metrics(reader) if metric.is_headline]
    assert [each.metric for each in kpis.tiles(reader, 28)] == headlines
    assert len(headlines) >= 8


def metric(direction, goal, warn_at):
    return Metric(
        "m", "v", "M", "ratio", direction, goal, warn_at, "stock", "me", "what", is_headline=True
    )


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [
        ("up", 0.95, Verdict.ON_TARGET),
        ("up", 0.949, Verdict.NEAR_TARGET),
        ("up", 0.90, Verdict.NEAR_TARGET),
        ("up", 0.899, Verdict.OFF_TARGET),
    ],
)
def test_a_metric_that_should_rise_is_judged_upwards(direction, value, expected):
    assert kpis.judge(metric(direction, 0.95, 0.90), value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(36, Verdict.ON_TARGET), (48, Verdict.NEAR_TARGET), (49, Verdict.OFF_TARGET)],
)
def test_a_metric_that_should_fall_is_judged_downwards(value, expected):
    assert kpis.judge(metric("down", 36, 48), value) is expected


def test_without_a_target_or_a_direction_there_is_no_verdict():
    assert kpis.judge(metric("up", None, None), 0.5) is Verdict.NO_TARGET
    assert kpis.judge(metric("zero", 0, None), 0.5) is Verdict.NO_TARGET


def test_the_summary_on_the_terminal_gives_the_towers_figure(publish_rows, kpi, settings):
    stock = {"metric": "stock_quantity", "variant": "on_hand", "value": 50.0}
    reader = publish_rows(
        kpi_values=[
            kpi(date(2026, 2, 1), 1, 10),
            kpi(date(2026, 2, 1), 50, 1, **stock),
            kpi(date(2026, 3, 9), 9, 10),
            kpi(date(2026, 3, 9), 9, 10, grain="day_channel", channel_id="shop"),
        ]
    )
    said = summarise(settings)
    fill = tile(reader, "unit_fill_rate", DAYS_SHOWN)
    assert said.last_on == kpis.last_day(reader)
    told = next(each for each in said.headlines if each.title == fill.metric.title)
    assert (told.value, told.target) == (fill.value, fill.metric.target)
    assert said.last_measured_on == date(2026, 3, 9)


def test_the_summary_tells_apart_what_was_never_measured(publish_rows, kpi, settings):
    stock = {"metric": "stock_quantity", "variant": "on_hand", "value": 50.0}
    publish_rows(kpi_values=[kpi(date(2026, 3, 9), 50, 1, **stock)])
    said = summarise(settings)
    assert said.last_measured_on is None
    assert {headline.value for headline in said.headlines} == {None}


@pytest.mark.parametrize(
    ("value", "previous", "told"),
    [(0.9, None, None), (None, 0.9, None), (0.9, 0.9, "no change"), (0.9, 0.8, "+10.0 points")],
)
def test_a_tile_speaks_of_change_only_where_both_periods_have_a_value(value, previous, told):
    assert _change(Tile(metric("up", None, None), value, previous, None, None, ())) == told
