"""Going from one page to another with something in hand."""

from collections.abc import Callable

import streamlit as st

Go = Callable[[str], None]
"""Switches to the page of that name."""

OPEN_SKU = "inventory-open-sku"
OPEN_CLAIM = "reconciliation-open-claim"


def open_sku(go: Go, sku: str) -> None:
    """Open the inventory page on one SKU."""
    st.session_state[OPEN_SKU] = sku
    go("inventory")
