"""The chart of the inbox: what is at stake, by type of exception."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

COLOURS = {"blocking": theme.BAD, "warning": "#d99a2b", "info": "#56a3d9"}
PATTERNS = {"blocking": "x", "warning": "/", "info": ""}
MEASURES = {
    "exception_count": "exceptions",
    "quantity": "units",
    "at_risk_amount": "money at risk",
}


def by_type(types: pl.DataFrame, measure: str, currency: str = "") -> go.Figure:
    """What each type of exception comes to, coloured and hatched by severity."""
    ordered = types.group_by("exception_type").agg(pl.col(measure).sum())
    names = ordered.sort(measure, descending=True)["exception_type"].to_list()
    unit = MEASURES[measure]
    if measure == "at_risk_amount":
        unit = theme.in_money(unit, currency)
    figure = theme.figure("What is at stake by type", unit, height=170 + 32 * len(names))
    for severity, colour in COLOURS.items():
        shown = types.filter(pl.col("severity") == severity)
        if shown.is_empty():
            continue
        figure.add_trace(
            go.Bar(
                x=[float(value or 0) for value in shown[measure]],
                y=[theme.label(name) for name in shown["exception_type"]],
                orientation="h",
                name=severity.capitalize(),
                marker={"color": colour, "pattern": theme.patterned(PATTERNS[severity])},
                text=[f"{value or 0:,.0f}" for value in shown[measure]],
                textposition="outside",
                cliponaxis=False,
                hovertemplate=f"%{{y}}, {severity}: %{{x:,.2f}}<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack", showlegend=True)
    figure.update_yaxes(autorange="reversed", categoryarray=[theme.label(name) for name in names])
    return figure
