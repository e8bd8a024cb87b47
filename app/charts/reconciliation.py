"""Charts of disagreement: where it is, what causes it, how it moves over time."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

UNITS = {"gross_quantity": "units of variance", "amount": "variance at cost"}
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")
SHOWN_MEMBERS = 20
SHADES = [[0, "#eef3f5"], [0.5, "#d99a2b"], [1, "#b3261e"]]


def heat_map(places: pl.DataFrame, measure: str, currency: str = "") -> go.Figure:
    """The variance of the latest claims: systems and what they claim down, places across."""
    rows = [
        f"{theme.safe(system)} · {theme.label(kind).lower()}"
        for system, kind in places.select("system", "quantity_kind").iter_rows()
    ]
    order = list(dict.fromkeys(rows))
    figure = theme.figure(
        "Where systems and ledger disagree", _unit(measure, currency), height=250 + 34 * len(order)
    )
    figure.add_trace(
        go.Heatmap(
            x=[theme.safe(place) for place in places["place"]],
            y=rows,
            z=[None if value is None else float(value) for value in places[measure]],
            customdata=places.select("off_count", "claim_count").rows(),
            texttemplate="%{z:,.0f}",
            hovertemplate="%{y} at %{x}: %{z:,.2f}<br>%{customdata[0]:,} of %{customdata[1]:,} "
            "claims do not tie<extra></extra>",
            colorscale=SHADES,
            zmin=0,
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    figure.update_xaxes(tickangle=-45, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, categoryarray=order)
    figure.update_layout(margin={"b": 12})
    return figure


def by_cause(causes: pl.DataFrame, measure: str, currency: str = "") -> go.Figure:
    """What each cause makes of the variance, the largest first; the unexplained hatched."""
    figure = theme.figure(
        "What causes the variance", _unit(measure, currency), height=130 + 30 * causes.height
    )
    unexplained = [cause == "unexplained" for cause in causes["cause"]]
    figure.add_trace(
        go.Bar(
            x=[float(value or 0) for value in causes[measure]],
            y=[theme.label(cause) for cause in causes["cause"]],
            orientation="h",
            marker={
                "color": [theme.BAD if each else theme.PRIMARY for each in unexplained],
                "pattern": theme.patterned("") | {"shape": ["x" if e else "" for e in unexplained]},
            },
            text=[f"{value or 0:,.0f}" for value in causes[measure]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.2f}<extra></extra>",
        )
    )
    figure.update_layout(showlegend=False)
    figure.update_yaxes(autorange="reversed")
    return figure


def members(rollup: pl.DataFrame, side: str) -> go.Figure:
    """The units of all incidents of each member of a side, the most first; the rest are listed."""
    shown = rollup.head(SHOWN_MEMBERS)
    figure = theme.figure(
        f"Incidents by {side}",
        "units of variance, each incident once",
        height=130 + 30 * shown.height,
    )
    figure.add_trace(
        go.Bar(
            x=shown["quantity"].to_list(),
            y=[
                theme.label(member) if side == "cause" else theme.safe(member)
                for member in shown["member"]
            ],
            orientation="h",
            marker={"color": theme.PRIMARY},
            customdata=shown.select("incident_count", "median_hours_to_detect").rows(),
            text=[f"{quantity:,}" for quantity in shown["quantity"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,} units in %{customdata[0]:,} incidents<br>"
            "half were seen within %{customdata[1]:,.1f} hours<extra></extra>",
        )
    )
    figure.update_layout(showlegend=False)
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def trend(days: pl.DataFrame, measure: str, currency: str = "") -> go.Figure:
    """The variance of each system's statements over time, for as many claims each day."""
    figure = theme.figure(
        "Variance of each day's statements", f"{_unit(measure, currency)} per 100 claims"
    )
    per_hundred = 100 * pl.col(measure).cast(pl.Float64) / pl.col("claim_count")
    _add_lines(figure, days.with_columns(shown=per_hundred), "%{y:,.1f}")
    return figure


def explained(days: pl.DataFrame) -> go.Figure:
    """The share of each system's variance that has a cause."""
    figure = theme.figure("Explained share of each day's statements", "% of units with a cause")
    _add_lines(figure, days.with_columns(shown=100 * pl.col("explained_rate")), "%{y:.1f} %")
    figure.update_yaxes(range=[0, 100])
    figure.update_traces(cliponaxis=False)
    return figure


def _unit(measure: str, currency: str) -> str:
    return theme.in_money(UNITS[measure], currency) if measure == "amount" else UNITS[measure]


def _add_lines(figure: go.Figure, days: pl.DataFrame, hover: str) -> None:
    for number, system in enumerate(days["system"].unique().sort()):
        shown = days.filter(pl.col("system") == system)
        figure.add_trace(
            go.Scatter(
                x=shown["period"].to_list(),
                y=shown["shown"].to_list(),
                name=theme.safe(system),
                mode="lines+markers",
                line={"color": theme.FILLS[number % len(theme.FILLS)][0], "width": 2},
                marker={"symbol": SYMBOLS[number % len(SYMBOLS)], "size": 7},
                hovertemplate=hover,
            )
        )
    figure.update_layout(hovermode="x unified", showlegend=True)
