"""Charts of lots: stock by expiry, and the way of one lot through the network."""

from textwrap import wrap

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

PARTS = (
    ("expired", "Past its last day", theme.MUTED, "/"),
    ("risk", "Will expire unsold", theme.BAD, "x"),
    ("rest", "Should sell in time, or is held back", theme.PRIMARY, ""),
)
MOST_ENDS = 12
LINE = 20
"""Letters of a name in one line: two columns of such names fit a telephone's width."""
SOURCE, LOT, HELD, SHIPPED = "#1f5fae", theme.PRIMARY, "#d99a2b", "#7d5aa6"


def horizons(stock: pl.DataFrame) -> go.Figure:
    """Units on hand by how soon they expire, the part at risk and what has expired apart."""
    is_expired = pl.col("horizon") == "expired"
    shown = stock.with_columns(
        expired=pl.when(is_expired).then(pl.col("on_hand_quantity")).otherwise(0),
        risk=pl.when(is_expired).then(0).otherwise(pl.col("risk_quantity")),
    ).with_columns(rest=pl.col("on_hand_quantity") - pl.col("expired") - pl.col("risk"))
    figure = theme.figure("On hand by expiry", "units", height=170 + 40 * shown.height)
    names = [theme.label(horizon) for horizon in shown["horizon"]]
    for column, name, colour, pattern in PARTS:
        figure.add_trace(
            go.Bar(
                x=shown[column].to_list(),
                y=names,
                orientation="h",
                name=name,
                marker={"color": colour, "pattern": theme.patterned(pattern)},
                hovertemplate=f"%{{y}}, {name.lower()}: %{{x:,}}<extra></extra>",
            )
        )
    for name, total in zip(names, shown["on_hand_quantity"], strict=True):
        figure.add_annotation(
            x=total, y=name, text=f"{total:,}", showarrow=False, xanchor="left", xshift=6
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed")
    return figure


def flow(trace: pl.DataFrame, lot_id: str) -> go.Figure:
    """Where a lot came from, where it lies and who got it; small ends are drawn as one."""
    came = _ends(trace, "received", "po_id", "No supplier order")
    held = _ends(trace, "held", "place", "")
    shipped = _ends(trace, "shipped", "order_id", "No order")
    nodes = [*came, lot_id, *held, *shipped]
    colours = [SOURCE] * len(came) + [LOT] + [HELD] * len(held) + [SHIPPED] * len(shipped)
    middle = len(came)
    onward = {**held, **shipped}
    targets = [middle] * len(came) + list(range(middle + 1, middle + 1 + len(onward)))
    # the lot's own node needs no name beside the title's, and would stand in the others' way
    names = [*came, "", *onward]
    figure = theme.figure(
        f"The way of lot {lot_id}", "units", height=max(320, 120 + 44 * max(len(came), len(onward)))
    )
    figure.add_trace(
        go.Sankey(
            node={
                "label": [_in_lines(name) for name in names],
                "color": colours,
                "customdata": [theme.safe(name) for name in nodes],
                "hovertemplate": "%{customdata}: %{value:,}<extra></extra>",
                "pad": 22,
                "thickness": 12,
            },
            textfont={"size": 11, "shadow": "none"},
            link={
                "source": [*range(middle), *[middle] * len(onward)],
                "target": targets,
                "value": [*came.values(), *onward.values()],
                "color": "rgba(90, 107, 120, 0.22)",
            },
        )
    )
    return figure


def _in_lines(name: str) -> str:
    return "<br>".join(theme.safe(line) for line in wrap(name, LINE))


def _ends(trace: pl.DataFrame, trace_type: str, by: str, unnamed: str) -> dict[str, int]:
    place = pl.col("location") + " · " + pl.col("state").str.replace_all("_", " ")
    ends = (
        trace.filter((pl.col("trace_type") == trace_type) & (pl.col("quantity") > 0))
        .with_columns(place=place)
        .group_by(pl.col(by).fill_null(unnamed).alias("end"))
        .agg(pl.col("quantity").sum())
        .sort("quantity", "end", descending=[True, False])
    )
    largest = dict(ends.head(MOST_ENDS).iter_rows())
    others = ends.slice(MOST_ENDS)
    if not others.is_empty():
        largest[f"{others.height:,} others ({trace_type})"] = others["quantity"].sum()
    return largest
