"""The forms that keep stock back: safety stock from everybody, a buffer from one channel."""

from collections.abc import Mapping

import streamlit as st

from app.forms.identity import permitted
from app.forms.sending import Form, command_id, field, send, show_notice
from app.forms.units import units_field
from app.serving import Tower
from ingestion.contracts.commands import EVERYTHING
from ingestion.contracts.vocabulary import CommandType

TOPIC = "holding-back"
SAFETY_STOCK, BUFFER = "safety-stock", "buffer"


def safety_stock_form(tower: Tower, locations: Mapping[str, str]) -> None:
    """Let the actor set the safety stock of one SKU, at a location or over the network."""
    show_notice(f"{TOPIC}.{SAFETY_STOCK}")
    names = {EVERYTHING: "The whole network", **locations}
    with st.form(f"{SAFETY_STOCK}-{command_id(SAFETY_STOCK)}", border=True):
        sku = st.text_input("SKU", key=field(SAFETY_STOCK, "sku"))
        location_id = st.selectbox(
            "Where",
            list(names),
            format_func=names.__getitem__,
            key=field(SAFETY_STOCK, "location"),
            help="The network's safety stock lowers what is promised over all locations together",
        )
        quantity, note = _amount(SAFETY_STOCK)
        submitted = st.form_submit_button(
            "Set safety stock", type="primary", icon=":material/shield:"
        )
    if submitted and permitted(tower, CommandType.SET_SAFETY_STOCK):
        payload = {"sku": sku, "location_id": location_id, "quantity": quantity}
        form = Form(SAFETY_STOCK, f"{TOPIC}.{SAFETY_STOCK}")
        send(tower, form, CommandType.SET_SAFETY_STOCK, payload, note)


def buffer_form(tower: Tower, channels: Mapping[str, str]) -> None:
    """Let the actor set what one channel may not touch, of one SKU or of each."""
    show_notice(f"{TOPIC}.{BUFFER}")
    with st.form(f"{BUFFER}-{command_id(BUFFER)}", border=True):
        channel_id = st.selectbox(
            "Channel it binds",
            list(channels),
            format_func=channels.__getitem__,
            key=field(BUFFER, "channel"),
        )
        sku = st.text_input("SKU, or * for every SKU", value=EVERYTHING, key=field(BUFFER, "sku"))
        quantity, note = _amount(BUFFER)
        submitted = st.form_submit_button(
            "Set buffer", type="primary", icon=":material/production_quantity_limits:"
        )
    if submitted and permitted(tower, CommandType.SET_CHANNEL_BUFFER):
        payload = {"channel_id": channel_id, "sku": sku or EVERYTHING, "quantity": quantity}
        form = Form(BUFFER, f"{TOPIC}.{BUFFER}")
        send(tower, form, CommandType.SET_CHANNEL_BUFFER, payload, note)


def _amount(form: str) -> tuple[int | float | None, str]:
    quantity = units_field(
        "Units kept back", field(form, "quantity"), placeholder="0 keeps nothing back"
    )
    note = st.text_input("Why, in your words", max_chars=500, key=field(form, "note"))
    return quantity, note
