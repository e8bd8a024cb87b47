"""Where one is: the page, its tab and what is opened on it, all of it in the address.

A copied address so shows a colleague the same view. What is opened is named by the columns that
tell it apart: `?sku=`, `?claim_id=`, `?exception_id=`, `?sku=&lot_id=`.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.wording import plain

SKU_TABS, PROMISE, PROMISE_CHANNEL = "sku-tab", "Available to promise", "promise-channel"


class Go(Protocol):
    """The way to another page."""

    def __call__(self, name: str, /, **opened: str) -> None:
        """Switch to the page of that name, with what is to be opened on it."""
        ...


def tabs(names: list[str], key: str, default: str | None = None) -> Sequence[DeltaGenerator]:
    """Tabs whose open one is in the address; where it names none, `default` or the first."""
    return st.tabs(names, key=key, default=default, bind="query-params")


def opened(column: str) -> str | None:
    """Return what the address opens, if anything."""
    return st.query_params.get(column) or None


def open_here(**codes: str) -> None:
    """Open something on this page."""
    st.query_params.update(codes)
    st.rerun()


def close(*columns: str) -> None:
    """Close what is opened on this page."""
    for column in columns:
        st.query_params.pop(column, None)


def open_sku(go: Go, sku: str) -> None:
    """Open the inventory page on one SKU."""
    go("inventory", sku=sku)


def open_promise(go: Go, sku: str, channel: str) -> None:
    """Open the inventory page on what one channel may be promised of one SKU."""
    go("inventory", sku=sku, **{SKU_TABS: PROMISE, PROMISE_CHANNEL: channel})


def not_found(what: str, column: str, generation: int) -> None:
    """Say that the address opens something that this generation does not hold."""
    st.info(
        f"Generation {generation} holds no {what} {plain(opened(column))}. "
        "The address may be misspelt, or what it names is gone; choose another from the list.",
        icon=":material/link_off:",
    )


def row_opened(listed: pl.DataFrame, *columns: str) -> int | None:
    """Return the position of the row that the address opens, None where none is listed."""
    wanted = tuple(map(opened, columns))
    rows = listed.select(columns).rows()
    return rows.index(wanted) if wanted in rows else None


def opening(listed: pl.DataFrame, key: str, *columns: str) -> Callable[[], None]:
    """Return a callback that opens the row chosen in the table `key`, or closes it."""

    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        close(*columns)
        if rows and rows[0] < listed.height:
            st.query_params.update({name: str(listed[name][rows[0]]) for name in columns})

    return take
