"""Charts of returns: how long units lie between two clocks, and each return's clocks."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

AGES = ("up to 2 days", "3 to 7 days", "8 to 14 days", "over 14 days")
CLOCKS = (
    ("requested_at", "Announced", "circle-open", theme.MUTED),
    ("refunded_at", "Refunded", "diamond", "#b3261e"),
    ("received_at", "Received", "triangle-up", "#1f5fae"),
    ("restocked_at", "Restocked", "square", "#1b7f4b"),
    ("phantom_at", "On sale on paper alone", "square-open", "#b3261e"),
    ("scrapped_at", "Scrapped", "x", theme.INK),
)
MOST_RETURNS = 25


def open_spans(spans: pl.DataFrame) -> go.Figure:
    """Units between two clocks, by their age."""
    names = spans["span"].unique(maintain_order=True).to_list()
    figure = theme.figure("Units between two clocks", "units", height=170 + 44 * len(names))
    for number, age in enumerate(AGES):
        shown = dict(spans.filter(pl.col("age") == age).select("span", "quantity").iter_rows())
        figure.add_trace(
            go.Bar(
                x=[shown.get(name, 0) for name in names],
                y=[theme.label(name) for name in names],
                name=age,
                orientation="h",
                marker=theme.fill(number),
                text=[f"{shown[name]:,}" if name in shown else "" for name in names],
                hovertemplate=f"%{{y}}, {age}: %{{x:,}} units<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack", showlegend=True)
    figure.update_yaxes(autorange="reversed")
    return figure


def clocks(returns: pl.DataFrame) -> go.Figure:
    """The first returns of the list, each from its first clock to its last, in days."""
    shown = returns.head(MOST_RETURNS)
    names = [
        theme.safe(f"{return_id} · {sku}")
        for return_id, sku in shown.select("return_id", "sku").iter_rows()
    ]
    days = _days(shown)
    figure = theme.figure(
        "The clocks of each return",
        "days after the first of its clocks",
        height=170 + 24 * shown.height,
    )
    figure.add_trace(_spans(days, names))
    for column, name, symbol, colour in CLOCKS:
        figure.add_trace(
            go.Scatter(
                x=days[column].to_list(),
                y=names,
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": 10, "color": colour},
                customdata=list(zip(shown[column], _by(shown, column), strict=True)),
                hovertemplate=f"%{{y}}<br>{name} %{{customdata[0]|%Y-%m-%d %H:%M}}"
                "%{customdata[1]}<extra></extra>",
            )
        )
    figure.update_yaxes(autorange="reversed", categoryarray=names)
    return figure


SAID_BY = {
    "refunded_at": "refunded_by",
    "received_at": "received_by",
    "restocked_at": "restocked_by",
    "phantom_at": "phantom_in",
}


def _by(returns: pl.DataFrame, clock: str) -> list[str]:
    """The system that says what a clock says, as words after it."""
    if clock not in SAID_BY:
        return [""] * returns.height
    return [f", as {theme.safe(by)} says" if by else "" for by in returns[SAID_BY[clock]]]


def _days(returns: pl.DataFrame) -> pl.DataFrame:
    columns = [column for column, *_ in CLOCKS]
    first = pl.min_horizontal(columns)
    return returns.select((pl.col(columns) - first).dt.total_minutes() / (24 * 60))


def _spans(days: pl.DataFrame, names: list[str]) -> go.Scatter:
    x: list[float | None] = []
    y: list[str | None] = []
    for name, last in zip(names, days.select(pl.max_horizontal("*")).to_series(), strict=True):
        x += [0, last, None]
        y += [name, name, None]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": "#b8c4cc", "width": 3},
        showlegend=False,
        hoverinfo="skip",
    )
