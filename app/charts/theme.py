"""One look for every chart: calm, readable, and never by colour alone."""

import html
from typing import Any

import plotly.graph_objects as go

from ingestion.contracts.vocabulary import State

INK, MUTED, GRID = "#17232d", "#5a6b78", "#e4eaee"
PRIMARY, SOFT = "#0b6477", "rgba(11, 100, 119, 0.12)"
GOOD, WARN, BAD = "#1b7f4b", "#b45309", "#b3261e"
FONT = '"Source Sans", sans-serif'

STATES = (
    State.AVAILABLE,
    State.RESERVED,
    State.PICKED,
    State.PACKED,
    State.RECEIVING,
    State.IN_TRANSIT,
    State.RETURNED,
    State.QUARANTINED,
    State.DAMAGED,
    State.EXPIRED,
)
"""In the order stock is read: sellable first, then outbound, inbound, and what cannot be sold."""

FILLS = (
    ("#0b6477", ""),
    ("#d99a2b", "/"),
    ("#7d5aa6", "x"),
    ("#56a3d9", "."),
    ("#8a8f3c", "-"),
    ("#b3261e", "\\"),
    ("#5a6b78", "+"),
    ("#3f8f72", "|"),
)
"""Colours that stay apart for the colour-blind, each with a pattern of its own."""


def fill(number: int) -> dict[str, Any]:
    """The marker of the series with this number."""
    colour, pattern = FILLS[number % len(FILLS)]
    return {"color": colour, "pattern": patterned(pattern)}


def patterned(shape: str) -> dict[str, Any]:
    """A pattern drawn in white over the bar's colour."""
    shades = {"fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.55}
    return {"shape": shape, "size": 7, "solidity": 0.25, **shades}


def label(word: str) -> str:
    """A code as words for a person: `in_transit` becomes `In transit`."""
    return safe(word.replace("_", " ").capitalize())


def in_money(words: str, currency: str) -> str:
    """The unit of an amount: what it is, and its currency where there is one."""
    return f"{words}, {currency}" if currency else words


def safe(text: object) -> str:
    """Text as Plotly shows it literally: its labels read a little HTML."""
    return html.escape(str(text), quote=False)


LEGEND = {
    "orientation": "h",
    "x": 0,
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
    "traceorder": "normal",
}
AXIS = {
    "gridcolor": GRID,
    "linecolor": GRID,
    "zerolinecolor": "#b8c4cc",
    "automargin": True,
    "separatethousands": True,
}


def figure(title: str, unit: str, *, height: int = 320) -> go.Figure:
    """An empty figure with its title and, under it, the unit of its numbers."""
    empty = go.Figure()
    empty.update_layout(
        title=_title(title, unit),
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        height=height,
        margin={"l": 8, "r": 28, "t": 72, "b": 44},
        legend=LEGEND,
        hoverlabel={"bgcolor": "#ffffff", "font": {"family": FONT, "color": INK}, "align": "left"},
        bargap=0.35,
        dragmode=False,
        xaxis=AXIS,
        yaxis=AXIS | {"rangemode": "tozero"},
    )
    return empty


def _title(title: str, unit: str) -> dict[str, Any]:
    return {
        "text": safe(title),
        "subtitle": {"text": safe(unit), "font": {"size": 12, "color": MUTED}},
        "font": {"size": 16, "color": INK},
        "x": 0,
        "xanchor": "left",
        "yref": "container",
        "y": 1,
        "yanchor": "top",
        "pad": {"t": 12},
    }
