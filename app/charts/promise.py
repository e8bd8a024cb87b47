"""The chart that adds up a promise."""

import plotly.graph_objects as go
import polars as pl

from app.charts import theme

LABELS = {"signed_atp": "Available to promise", "lowest": "Scarcest day", "free": "Free"}


def label(term: str) -> str:
    """A term as words for a person."""
    return LABELS.get(term, theme.label(term))


def waterfall(terms: pl.DataFrame, title: str) -> go.Figure:
    """From what is on hand to what can be promised, step by step; each bar carries its term.

    What is shown and not counted stands below, by itself.
    """
    shown = terms.filter(pl.col("kind") != "beside")
    beside = terms.filter(pl.col("kind") == "beside")
    names, kinds = shown["term"].to_list(), shown["kind"].to_list()
    quantities = shown["quantity"].to_list()
    figure = theme.figure(title, "units", height=max(240, 130 + 34 * terms.height))
    figure.add_trace(
        go.Waterfall(
            orientation="h",
            measure=["relative" if kind == "step" else "absolute" for kind in kinds],
            x=quantities,
            y=[label(name) for name in names],
            customdata=names,
            text=[_written(*each) for each in zip(quantities, kinds, strict=True)],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": theme.GOOD}},
            decreasing={"marker": {"color": theme.WARN}},
            totals={"marker": {"color": theme.PRIMARY}},
            connector={"line": {"color": theme.MUTED, "width": 1, "dash": "dot"}},
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    if not beside.is_empty():
        figure.add_trace(_uncounted(beside))
    low, high = _reach(terms)
    room = max(1, 0.12 * (high - low))
    figure.update_xaxes(range=[low - (room if low < 0 else 0), high + room])
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_layout(showlegend=False)
    return figure


def _uncounted(beside: pl.DataFrame) -> go.Bar:
    """The terms that are shown and not counted, each from nothing."""
    names, quantities = beside["term"].to_list(), beside["quantity"].to_list()
    return go.Bar(
        orientation="h",
        x=quantities,
        y=[f"{label(name)}, not counted" for name in names],
        customdata=names,
        text=[_written(quantity, "beside") for quantity in quantities],
        textposition="outside",
        cliponaxis=False,
        marker={"color": theme.MUTED, "pattern": theme.patterned("/")},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )


def _written(quantity: int, kind: str) -> str:
    return f"{quantity:+,}" if kind == "step" else f"{quantity:,}"


def _reach(shown: pl.DataFrame) -> tuple[int, int]:
    """Return the lowest and highest level the bars come to, 0 among them."""
    level, levels = 0, [0]
    for kind, quantity in shown.select("kind", "quantity").iter_rows():
        level = level + quantity if kind == "step" else quantity
        levels.append(level)
    return min(levels), max(levels)
