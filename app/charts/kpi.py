"""Charts of metrics: a trend against its target, and a comparison of places."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme
from app.queries.kpis import Metric

UNITS = {"ratio": "%", "unit_hours": "unit-hours", "per_hour": "per hour"}


def trend(metric: Metric, days: pl.DataFrame) -> go.Figure:
    """The metric per day, the span before in grey, with its interval and its target."""
    figure = theme.figure(f"{metric.title} per day", _unit(metric))
    for span, name, colour in (
        ("previous", "Period before", theme.MUTED),
        ("current", "This period", theme.PRIMARY),
    ):
        shown = days.filter(pl.col("span") == span)
        if span == "current":
            _add_interval(figure, metric, shown)
        figure.add_trace(_line(metric, shown, name, colour, is_dotted=span == "previous"))
    if metric.target is not None:
        target = metric.target * _scale(metric)
        figure.add_hline(
            y=target,
            line={"color": theme.GOOD, "dash": "dash", "width": 1.5},
            annotation={
                "text": f"Target {target:g}",
                "font": {"color": theme.GOOD},
                "xanchor": "right",
                "yanchor": "bottom",
                "bgcolor": "rgba(255, 255, 255, 0.8)",
            },
        )
    figure.update_layout(hovermode="x unified")
    if metric.unit == "ratio":
        figure.update_yaxes(range=_ratio_range(metric, days))
    return figure


def comparison(metric: Metric, places: pl.DataFrame, title: str) -> go.Figure:
    """The metric per location or channel as bars with their value written beside them."""
    shown = places.sort("name", descending=True)
    values = [None if value is None else value * _scale(metric) for value in shown["value"]]
    figure = theme.figure(title, _unit(metric), height=max(190, 90 + 44 * shown.height))
    figure.add_trace(
        go.Bar(
            x=values,
            y=[theme.safe(name) for name in shown["name"]],
            orientation="h",
            marker={"color": theme.PRIMARY},
            text=["nothing measured" if value is None else f"{value:,.1f}" for value in values],
            textposition="auto",
            hovertemplate="%{y}: %{x:,.2f}<extra></extra>",
        )
    )
    if metric.target is not None:
        figure.add_vline(
            x=metric.target * _scale(metric), line={"color": theme.GOOD, "dash": "dash"}
        )
    figure.update_layout(showlegend=False)
    return figure


def _line(
    metric: Metric, days: pl.DataFrame, name: str, colour: str, *, is_dotted: bool
) -> go.Scatter:
    return go.Scatter(
        x=days["period"].to_list(),
        y=_scaled(metric, days["value"]),
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2, "dash": "dot" if is_dotted else "solid"},
        marker={"size": 4 if is_dotted else 6},
        hovertemplate="%{y:,.2f}",
    )


def _ratio_range(metric: Metric, days: pl.DataFrame) -> list[float]:
    """Percentages around what is drawn, with some room, within what a ratio can be."""
    drawn = pl.concat([days[name].cast(pl.Float64) for name in ("value", "low", "high")])
    shares = [*drawn.drop_nulls(), *([] if metric.target is None else [metric.target])]
    low, high = min(shares, default=0), max(shares, default=1)
    room = max(0.1 * (high - low), 0.005)
    return [100 * max(0, low - room), 100 * min(max(1, high), high + room)]


def _add_interval(figure: go.Figure, metric: Metric, days: pl.DataFrame) -> None:
    known = days.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
    if known.is_empty():
        return
    edges = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    x = known["period"].to_list()
    figure.add_trace(go.Scatter(x=x, y=_scaled(metric, known["low"]), showlegend=False, **edges))
    figure.add_trace(
        go.Scatter(
            x=x,
            y=_scaled(metric, known["high"]),
            fill="tonexty",
            fillcolor=theme.SOFT,
            name="95 % interval",
            **edges,
        )
    )


def _scaled(metric: Metric, values: pl.Series) -> list[float | None]:
    return [None if value is None else value * _scale(metric) for value in values]


def _scale(metric: Metric) -> float:
    return 100.0 if metric.unit == "ratio" else 1.0


def _unit(metric: Metric) -> str:
    return metric.currency or UNITS.get(metric.unit, metric.unit)
