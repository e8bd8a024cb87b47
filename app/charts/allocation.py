"""Charts of the plan: what each channel gets, and what a draft would change."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

PARTS = (
    ("allocated_quantity", "Allocated", theme.PRIMARY, ""),
    ("short_quantity", "Short", theme.BAD, "x"),
)


def by_channel(channels: pl.DataFrame) -> go.Figure:
    """Open units of each channel: allocated and short."""
    figure = theme.figure("Open demand by channel", "units", height=140 + 46 * channels.height)
    names = [theme.safe(name) for name in channels["channel"]]
    for column, name, colour, pattern in PARTS:
        figure.add_trace(
            go.Bar(
                x=channels[column].to_list(),
                y=names,
                orientation="h",
                name=name,
                marker={"color": colour, "pattern": theme.patterned(pattern)},
                text=[f"{quantity:,}" if quantity else "" for quantity in channels[column]],
                textposition="auto",
                hovertemplate=f"{name} for %{{y}}: %{{x:,}}<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed")
    return figure


def change(channels: pl.DataFrame) -> go.Figure:
    """Units each channel gains or loses under the draft."""
    figure = theme.figure(
        "Allocated under the draft, against the published plan",
        "change in units",
        height=140 + 46 * channels.height,
    )
    changes = channels["allocated_change_quantity"].to_list()
    figure.add_trace(
        go.Bar(
            x=changes,
            y=[theme.safe(name) for name in channels["channel"]],
            orientation="h",
            marker={"color": [theme.GOOD if each >= 0 else theme.BAD for each in changes]},
            text=[f"{each:+,}" if each else "no change" for each in changes],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:+,} units<extra></extra>",
        )
    )
    figure.update_layout(showlegend=False)
    figure.update_yaxes(autorange="reversed")
    return figure
