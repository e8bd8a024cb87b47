"""Charts of stock: where it stands, and how one SKU's balance came about."""

from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl

from app.charts import theme
from ingestion.contracts.vocabulary import MovementType as Move


@dataclass(frozen=True)
class Family:
    """Movements drawn alike: one symbol, one colour, one legend entry."""

    name: str
    symbol: str
    colour: str
    movement_types: frozenset[str]


FAMILIES = (
    Family(
        "Inbound",
        "triangle-up",
        "#1f5fae",
        frozenset({Move.PO_SHIPPED, Move.RECEIVED, Move.TRANSFER_IN, Move.PUT_AWAY, Move.OPENING}),
    ),
    Family(
        "Outbound",
        "triangle-down",
        "#b9741a",
        frozenset({Move.SHIPPED, Move.TRANSFER_OUT, Move.REJECTED}),
    ),
    Family(
        "Turned into another SKU",
        "square",
        "#3f8f72",
        frozenset({Move.KIT_ASSEMBLED, Move.KIT_BROKEN, Move.REDEFINED}),
    ),
    Family(
        "Return",
        "diamond",
        "#7d5aa6",
        frozenset({Move.RETURN_RECEIVED, Move.RETURN_ANNOUNCED, Move.DISPOSITION}),
    ),
    Family(
        "Adjustment",
        "star",
        "#b3261e",
        frozenset(
            {
                Move.ADJUSTMENT,
                Move.SCRAP,
                Move.DAMAGE,
                Move.QUARANTINE,
                Move.RELEASE,
                Move.EXPIRE,
                Move.RECALL,
            }
        ),
    ),
    Family(
        "Inside the building",
        "circle",
        theme.MUTED,
        frozenset({Move.RESERVED, Move.UNRESERVED, Move.PICKED, Move.UNPICKED, Move.PACKED}),
    ),
)
"""Every type of movement is in exactly one."""


def by_state(stock: pl.DataFrame, measure: str, currency: str = "") -> go.Figure:
    """Units (or value) in each state, stacked by location, the state's total written beside it."""
    unit = "units" if measure == "quantity" else theme.in_money("value at cost", currency)
    totals = stock.group_by("state").agg(pl.col(measure).sum())
    known = dict(totals.filter(pl.col(measure) != 0).iter_rows())
    states = [state for state in theme.STATES if state in known]
    figure = theme.figure("Stock by state", unit, height=150 + 34 * len(states))
    for number, place in enumerate(stock["location"].unique(maintain_order=True)):
        shown = dict(stock.filter(pl.col("location") == place).select("state", measure).iter_rows())
        figure.add_trace(
            go.Bar(
                x=[float(shown.get(state, 0)) for state in states],
                y=[theme.label(state) for state in states],
                name=theme.safe(place),
                orientation="h",
                marker=theme.fill(number),
                hovertemplate=f"%{{y}} at {theme.safe(place)}: %{{x:,.0f}}<extra></extra>",
            )
        )
    for state in states:
        figure.add_annotation(
            x=max(float(known[state]), 0),
            y=theme.label(state),
            text=f"{known[state]:,.0f}",
            showarrow=False,
            xanchor="left",
            xshift=6,
        )
    figure.update_layout(barmode="relative")
    figure.update_yaxes(autorange="reversed")
    return figure


def notable(movements: pl.DataFrame) -> pl.DataFrame:
    """Leave out the everyday moves inside the building: no effect, no decision, no flag."""
    decided = sorted(next(each for each in FAMILIES if each.name == "Adjustment").movement_types)
    return movements.filter(
        (pl.col("effect_quantity") != 0)
        | pl.col("movement_type").is_in(decided)
        | pl.col("flag").is_not_null()
    )


def timeline(movements: pl.DataFrame, sku: str, place: str) -> go.Figure:
    """The running balance as steps; on it every movement, shaped by its kind, ringed if flagged."""
    figure = theme.figure(f"On hand of {sku}, {place}", "units, UTC", height=380)
    figure.add_trace(
        go.Scatter(
            x=movements["occurred_at"].to_list(),
            y=movements["balance_quantity"].to_list(),
            mode="lines",
            line={"shape": "hv", "color": theme.PRIMARY, "width": 2},
            name="Balance",
            hoverinfo="skip",
        )
    )
    for family in FAMILIES:
        shown = movements.filter(pl.col("movement_type").is_in(sorted(family.movement_types)))
        if not shown.is_empty():
            figure.add_trace(_marks(shown, family))
    flagged = movements.filter(pl.col("flag").is_not_null())
    if not flagged.is_empty():
        figure.add_trace(_rings(flagged))
    return figure


def _marks(movements: pl.DataFrame, family: Family) -> go.Scatter:
    return go.Scatter(
        x=movements["occurred_at"].to_list(),
        y=movements["balance_quantity"].to_list(),
        mode="markers",
        name=family.name,
        marker={"symbol": family.symbol, "size": 9, "color": family.colour},
        text=[_story(row) for row in movements.iter_rows(named=True)],
        hovertemplate="%{text}<extra></extra>",
    )


def _rings(flagged: pl.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=flagged["occurred_at"].to_list(),
        y=flagged["balance_quantity"].to_list(),
        mode="markers",
        name="Flagged",
        marker={
            "symbol": "circle-open",
            "size": 16,
            "color": theme.BAD,
            "line": {"width": 2},
        },
        hoverinfo="skip",
    )


def _story(movement: dict[str, object]) -> str:
    lines = [
        f"<b>{theme.label(str(movement['movement_type']))} {movement['effect_quantity']:+}</b>",
        f"{movement['occurred_at']:%Y-%m-%d %H:%M} · balance {movement['balance_quantity']:,}",
        f"{movement['source_system']} · {theme.safe(movement['reference'])}",
    ]
    told = [key for key in ("actor", "reason", "flag") if movement[key] is not None]
    return "<br>".join(lines + [f"{key}: {theme.safe(movement[key])}" for key in told])
