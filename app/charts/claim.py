"""Charts of one claim: ledger to claimed, cause by cause, and its evidence on both clocks."""

from datetime import datetime, timedelta

import plotly.graph_objects as go
import polars as pl

from app.charts import theme
from app.queries.claim import Claim

MOST_EVENTS = 30
KEY_LENGTH = 16
FAR = 4
SHORTEST_SPAN = timedelta(minutes=10)


def waterfall(claim: Claim, causes: pl.DataFrame) -> go.Figure:
    """From what the ledger has, over each cause, to what the system claims."""
    system = theme.safe(claim.system)
    figure = theme.figure(f"From the ledger to what {system} claims", "units", height=380)
    quantities = causes["quantity"].to_list()
    figure.add_trace(
        go.Waterfall(
            x=["Ledger", *map(theme.label, causes["cause"]), f"Claimed by {system}"],
            y=[claim.ledger_quantity, *quantities, 0],
            measure=["absolute", *["relative"] * causes.height, "total"],
            text=[
                f"{claim.ledger_quantity:,}",
                *[f"{quantity:+,}" for quantity in quantities],
                f"{claim.claimed_quantity:,}",
            ],
            textposition="outside",
            cliponaxis=False,
            connector={"line": {"color": theme.MUTED, "width": 1, "dash": "dot"}},
            increasing={"marker": {"color": "#d99a2b"}},
            decreasing={"marker": {"color": "#7d5aa6"}},
            totals={"marker": {"color": theme.PRIMARY}},
            hovertemplate="%{x}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(showlegend=False)
    return figure


def clocks(evidence: pl.DataFrame, as_of: datetime) -> go.Figure | None:
    """Each event from when it happened to when its system recorded it, by system.

    None when no event of the evidence has a clock.
    """
    events = evidence.filter(pl.col("occurred_at").is_not_null()).unique(
        ["system", "evidence", "event"], maintain_order=True
    )
    if events.is_empty():
        return None
    shown = events.head(MOST_EVENTS).sort("system", "occurred_at")
    rows = [_row(event) for event in shown.iter_rows(named=True)]
    figure = theme.figure(
        "The evidence on each system's clock", "UTC", height=170 + 28 * shown.height
    )
    for number, system in enumerate(shown["system"].unique(maintain_order=True)):
        marks = [name for name, of in zip(rows, shown["system"], strict=True) if of == system]
        _add_spans(figure, shown.filter(pl.col("system") == system), marks, number)
    for name, column, symbol in (
        ("happened", "occurred_at", "circle"),
        ("recorded", "recorded_at", "diamond-open"),
    ):
        figure.add_trace(_marks(shown, rows, name, column, symbol))
    _add_claim(figure, shown, as_of)
    figure.update_layout(showlegend=True)
    figure.update_yaxes(autorange="reversed")
    return figure


def _add_claim(figure: go.Figure, events: pl.DataFrame, as_of: datetime) -> None:
    """Mark the claim's instant; far from the events it is told in words, so the clocks show."""
    instants = [*events["occurred_at"].drop_nulls(), *events["recorded_at"].drop_nulls()]
    first, last = min(instants), max(instants)
    span = max(last - first, SHORTEST_SPAN)
    is_near = first - FAR * span <= as_of <= last + FAR * span
    if is_near:
        figure.add_vline(x=as_of, line={"color": theme.BAD, "dash": "dash", "width": 1.5})
    else:
        figure.update_xaxes(range=[first - span / 10, last + span / 10])
    figure.add_annotation(
        x=as_of if is_near else 1,
        y=1,
        xref="x" if is_near else "paper",
        yref="paper",
        xanchor="center" if is_near else "right",
        yanchor="bottom",
        text="claim" if is_near else f"claim as of {as_of:%Y-%m-%d %H:%M}",
        showarrow=False,
        font={"color": theme.BAD},
    )


def _row(event: dict[str, object]) -> str:
    kind = str(event["event"]).replace(".", " ").replace("_", " ")
    key = str(event["evidence"]).split(":", 2)[-1]
    return theme.safe(f"{event['system']} · {kind} · {key[:KEY_LENGTH]}")


def _add_spans(figure: go.Figure, events: pl.DataFrame, rows: list[str], number: int) -> None:
    x: list[datetime | None] = []
    y: list[str | None] = []
    for name, happened, recorded in zip(
        rows, events["occurred_at"], events["recorded_at"], strict=True
    ):
        x += [happened, recorded, None]
        y += [name, name, None]
    figure.add_trace(
        go.Scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": theme.FILLS[number % len(theme.FILLS)][0], "width": 4},
            name=theme.safe(events["system"][0]),
            hoverinfo="skip",
        )
    )


def _marks(
    events: pl.DataFrame, rows: list[str], name: str, column: str, symbol: str
) -> go.Scatter:
    return go.Scatter(
        x=events[column].to_list(),
        y=rows,
        mode="markers",
        name=name.capitalize(),
        marker={"symbol": symbol, "size": 10, "color": theme.INK},
        hovertemplate=f"%{{y}}<br>{name} %{{x|%Y-%m-%d %H:%M}}<extra></extra>",
    )
