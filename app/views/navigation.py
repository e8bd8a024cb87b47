"""Going from one page to another with something in hand."""

from collections.abc import Callable

import streamlit as st

Go = Callable[[str], None]
"""Switches to the page of that name."""

SKU_SEARCH = "inventory-search"


def open_sku(go: Go, sku: str) -> None:
    """Open the inventory page on one SKU."""
    st.session_state[SKU_SEARCH] = sku
    go("inventory")
