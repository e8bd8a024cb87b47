"""Overview: whether the promises hold, what got worse, and what to look at first."""

from typing import Literal

import streamlit as st

from app.charts import kpi as charts
from app.forms.sending import show_notice
from app.forms.target import TOPIC as TARGET
from app.forms.target import target_form
from app.queries import exceptions, kpis
from app.queries.kpis import Metric, Tile, Verdict
from app.serving import Tower
from app.views import frame
from app.views.navigation import Go
from app.views.parts import alert_list, chart, tile_columns
from app.views.tables import choose, table
from app.wording import (
    VERDICT_ICONS,
    metric_change,
    metric_value,
    money,
    plain,
    plural,
    target,
    trust,
    verdict,
    words,
)

PERIODS = {7: "7 days", 28: "28 days", 91: "13 weeks"}
KEY = "key_metrics"
TILES_PER_ROW = 4
LISTED = 200


def show(tower: Tower, go: Go) -> None:
    """Render the page."""
    frame.header(tower, "Overview", "Do the promises hold, and what got worse?")
    show_notice(TARGET)
    days = st.segmented_control(
        "Period",
        list(PERIODS),
        default=28,
        required=True,
        format_func=PERIODS.__getitem__,
        key="overview-days",
        label_visibility="collapsed",
    )
    _tiles(tower, kpis.tiles(tower.reader, days), days)
    st.subheader("Alerts", anchor=False)
    alert_list(tower)
    _exceptions(tower, go)


def _tiles(tower: Tower, shown: list[Tile], days: int) -> None:
    last_on = kpis.last_day(tower.reader)
    if last_on is None:
        st.info("No metric has a value yet: land orders, receipts and counts, then run again.")
        return
    _headline(shown)
    st.caption(f"{PERIODS[days]} to {last_on:%d %B %Y}, against the {PERIODS[days]} before")
    area = st.segmented_control(
        "Metrics",
        [KEY, *kpis.AREAS],
        default=KEY,
        required=True,
        format_func=words,
        key="overview-area",
        label_visibility="collapsed",
    )
    _grid(tower, [tile for tile in shown if _belongs(tile.metric, area)], days)


def _belongs(metric: Metric, area: str) -> bool:
    return metric.metric in kpis.ORDER if area == KEY else metric.area == area


def _grid(tower: Tower, shown: list[Tile], days: int) -> None:
    for start in range(0, len(shown), TILES_PER_ROW):
        columns = tile_columns(TILES_PER_ROW, f"metrics-{start}")
        for column, tile in zip(columns, shown[start : start + TILES_PER_ROW], strict=False):
            with column:
                _tile(tower, tile, days)


def _headline(shown: list[Tile]) -> None:
    judged = [tile for tile in shown if tile.metric.target is not None and tile.value is not None]
    kept = sum(tile.verdict is Verdict.ON_TARGET for tile in judged)
    parts = [f"**{kept} of {len(judged)} targets hold.**"]
    for verdict_, lead in ((Verdict.OFF_TARGET, "Far off"), (Verdict.NEAR_TARGET, "Missed")):
        titles = [plain(tile.metric.title) for tile in judged if tile.verdict is verdict_]
        if titles:
            parts.append(f"{VERDICT_ICONS[verdict_]} {lead}: {', '.join(titles)}.")
    st.markdown(" ".join(parts))


def _tile(tower: Tower, tile: Tile, days: int) -> None:
    metric = tile.metric
    with st.container(border=True, gap="small", height="stretch"):
        st.metric(
            plain(metric.title),
            metric_value(metric, tile.value),
            _change(tile),
            delta_color=_delta_colour(tile),
            delta_arrow="auto" if _changed(tile) else "off",
            help=plain(metric.description),
            chart_data=list(tile.daily) if len(tile.daily) > 1 else None,
            chart_type="area",
        )
        st.markdown(verdict(metric, tile.verdict))
        if st.button(
            "Look closer",
            key=f"closer-{metric.metric}-{metric.variant}",
            type="tertiary",
            icon=":material/query_stats:",
        ):
            _closer(tower, metric, days)


def _change(tile: Tile) -> str | None:
    """The change since the period before; None where either has no value."""
    if tile.value is None or tile.previous is None:
        return None
    return metric_change(tile.metric, tile.value, tile.previous) or "no change"


def _changed(tile: Tile) -> bool:
    return metric_change(tile.metric, tile.value, tile.previous) is not None


def _delta_colour(tile: Tile) -> Literal["normal", "inverse", "off"]:
    if not _changed(tile):
        return "off"
    match tile.metric.direction:
        case "up":
            return "normal"
        case "down":
            return "inverse"
        case _:
            return "off"


@st.dialog("Metric", width="large")
def _closer(tower: Tower, first: Metric, days: int) -> None:
    known = {(each.metric, each.variant): each for each in kpis.metrics(tower.reader)}
    keys = list(known)
    chosen = st.selectbox(
        "Metric or variant",
        keys,
        index=keys.index((first.metric, first.variant)),
        format_func=lambda key: known[key].title,
    )
    metric = known[chosen]
    trend = kpis.trend(tower.reader, metric, days)
    chart(charts.trend(metric, trend), trend, "metric-trend")
    _definition(tower, metric)
    _breakdowns(tower, metric, days)


def _definition(tower: Tower, metric: Metric) -> None:
    with st.container(border=True):
        st.markdown("**What it means**")
        st.markdown(plain(metric.description))
        st.markdown(
            f":material/flag: Target: {target(metric)}  \n"
            f":material/person: Owner: {plain(metric.owner)}"
        )
        terms = kpis.trust(tower.reader, metric)
        if terms is not None:
            st.markdown(f":material/verified: Data trust {trust(terms)}")
    with st.expander("Set another target", icon=":material/flag:"):
        target_form(tower, metric)


def _breakdowns(tower: Tower, metric: Metric, days: int) -> None:
    columns = st.columns(2, gap="large")
    for column, by in zip(columns, ("location", "channel"), strict=True):
        places = kpis.breakdown(tower.reader, metric, days, by)
        with column:
            if places.is_empty():
                st.caption(f"This metric is not kept by {by}.")
                continue
            chart(charts.comparison(metric, places, f"By {by}"), places, f"metric-{by}")
            with st.expander(f"Daily numbers by {by}", icon=":material/calendar_view_day:"):
                daily = kpis.daily_breakdown(tower.reader, metric, days, by)
                table(daily, f"metric-daily-{by}")


def _exceptions(tower: Tower, go: Go) -> None:
    st.subheader("Top exceptions", anchor=False)
    types = exceptions.exception_types(tower.reader)
    if types.is_empty():
        st.caption(":material/task_alt: Nothing needs a look.")
        return
    totals = {row["exception_type"]: row for row in types.iter_rows(named=True)}
    kind = st.selectbox(
        "Type of exception",
        [None, *totals],
        format_func=lambda name: (
            "Every type" if name is None else _type_label(totals[name], tower.currency)
        ),
        key="overview-exception-type",
        label_visibility="collapsed",
    )
    listed = exceptions.top_exceptions(tower.reader, kind, LISTED)
    st.caption("The highest priority first. Choose a row to open it in the inbox.")
    row = choose(listed.drop("exception_id"), "exceptions", empty="None of this type.")
    if row is not None:
        go("exceptions", exception_id=listed["exception_id"][row])


def _type_label(row: dict[str, object], currency: str) -> str:
    count, amount = int(str(row["exception_count"])), row["at_risk_amount"]
    worth = "" if amount is None else f", {money(amount, currency)} at risk"  # type: ignore[arg-type]
    return f"{words(str(row['exception_type']))}: {plural(count, 'exception')}{worth}"
