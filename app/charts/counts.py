"""Charts of counting: what an uncounted error would cost, and who or what picks go wrong with."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

SHOWN = 12


def risk(plan: pl.DataFrame, currency: str = "") -> go.Figure:
    """What an error would cost in the SKUs to count next; verifications hatched."""
    shown = plan.head(SHOWN)
    unit = theme.in_money("at cost", currency)
    figure = theme.figure("What an error would cost", unit, height=120 + 30 * shown.height)
    names = [
        f"{theme.safe(sku)} · {theme.safe(location)}"
        for sku, location in shown.select("sku", "location").iter_rows()
    ]
    second = shown["count_type"] == "verification"
    figure.add_trace(
        go.Bar(
            x=[float(value) for value in shown["risk_amount"]],
            y=names,
            orientation="h",
            marker={
                "color": [theme.WARN if each else theme.PRIMARY for each in second],
                "pattern": theme.patterned("") | {"shape": ["/" if e else "" for e in second]},
            },
            text=[
                f"{value:,.2f}{', second count' if again else ''}"
                for value, again in zip(shown["risk_amount"], second, strict=True)
            ],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.2f}<extra></extra>",
        )
    )
    most = float(shown["risk_amount"].max() or 0)  # type: ignore[arg-type]
    figure.update_layout(showlegend=False)
    figure.update_xaxes(range=[0, most * 1.35 or 1])
    figure.update_yaxes(autorange="reversed")
    return figure


def rates(rated: pl.DataFrame) -> go.Figure:
    """Shrunk rates with their intervals beside each one's own rate."""
    shown = rated.head(SHOWN)
    figure = theme.figure(
        "Suspected mistakes", "per 100 picks, with 95 % interval", height=150 + 30 * shown.height
    )
    names = [
        f"{theme.safe(subject)} · {theme.safe(location)}"
        for subject, location in shown.select("subject", "location").iter_rows()
    ]
    percent = shown.select(
        pl.col("error_rate", "shrunk_rate", "shrunk_low_rate", "shrunk_high_rate") * 100
    )
    shrunk = percent["shrunk_rate"]
    figure.add_trace(
        go.Scatter(
            x=shrunk.to_list(),
            y=names,
            mode="markers",
            name="Shrunk rate",
            marker={"color": theme.PRIMARY, "size": 10},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (percent["shrunk_high_rate"] - shrunk).to_list(),
                "arrayminus": (shrunk - percent["shrunk_low_rate"]).to_list(),
                "color": theme.PRIMARY,
            },
            customdata=shown.select("error_count", "pick_count").rows(),
            hovertemplate="%{y}: %{x:.2f}, %{customdata[0]:,} of %{customdata[1]:,} picks"
            "<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=percent["error_rate"].to_list(),
            y=names,
            mode="markers",
            name="Own rate",
            marker={"color": theme.MUTED, "size": 9, "symbol": "diamond-open"},
            hovertemplate="%{y}: %{x:.2f}<extra></extra>",
        )
    )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(autorange="reversed", rangemode="normal")
    return figure
