"""Charts of the pipeline: how records ended, and where the seconds went."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

OUTCOMES = (
    ("loaded_count", "Loaded", theme.PRIMARY, ""),
    ("duplicate_count", "Duplicate", "#8aa0ad", "/"),
    ("quarantined_count", "Quarantined", theme.BAD, "x"),
)


def outcomes(per_source: pl.DataFrame) -> go.Figure:
    """How the records of each source ended, as shares of its physical records."""
    figure = theme.figure(
        "How records ended, per source",
        "% of physical records",
        height=130 + 40 * per_source.height,
    )
    names = [theme.safe(name) for name in per_source["source_system"]]
    for column, name, colour, pattern in OUTCOMES:
        counts = per_source[column].to_list()
        shares = [
            100 * count / physical if physical else 0
            for count, physical in zip(counts, per_source["physical_count"], strict=True)
        ]
        figure.add_trace(
            go.Bar(
                x=shares,
                y=names,
                orientation="h",
                name=name,
                marker={"color": colour, "pattern": theme.patterned(pattern)},
                customdata=counts,
                hovertemplate=name + " from %{y}: %{customdata:,} (%{x:.2f} %)<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(autorange="reversed")
    return figure


def stages(per_stage: pl.DataFrame) -> go.Figure:
    """Seconds of each stage of the run, in the order they ran."""
    figure = theme.figure(
        "Time per stage of the last run", "seconds", height=130 + 36 * per_stage.height
    )
    figure.add_trace(
        go.Bar(
            x=per_stage["seconds"].to_list(),
            y=[theme.label(stage) for stage in per_stage["stage"]],
            orientation="h",
            marker={"color": theme.PRIMARY},
            text=[f"{seconds:,.1f} s" for seconds in per_stage["seconds"]],
            textposition="auto",
            hovertemplate="%{y}: %{x:,.2f} s<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(showlegend=False)
    return figure
