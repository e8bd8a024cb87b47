"""Who acts, in local mode: whoever they say they are."""

import streamlit as st

from app.serving import Identity
from ingestion.contracts.vocabulary import Role


def identity_picker() -> Identity:
    """Show the picker in the sidebar and return the identity it holds."""
    with st.sidebar.container(border=True):
        st.markdown("**:material/computer: Local mode**")
        st.caption("No sign-in: this tower answers this machine only, and believes what you enter.")
        actor = st.text_input("Acting as", key="identity-actor", placeholder="Your name")
        role = st.selectbox(
            "Role", list(Role), key="identity-role", format_func=lambda role: role.capitalize()
        )
    return Identity(actor.strip(), role)


def named(identity: Identity) -> bool:
    """Whether somebody entered a name; says what to do where nobody did."""
    if not identity.actor:
        st.info(
            "Enter your name in the sidebar first: every command keeps who gave it.",
            icon=":material/badge:",
        )
    return bool(identity.actor)
