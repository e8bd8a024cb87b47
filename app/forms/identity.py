"""Who acts, in local mode: whoever they say they are; and whether they may."""

import streamlit as st

from app.forms.refusals import forbidden
from app.serving import Identity, Tower
from app.wording import plain
from ingestion.commands.errors import NotAllowedError
from ingestion.contracts.vocabulary import CommandType, Role


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


def permitted(tower: Tower, command_type: CommandType) -> bool:
    """Whether the actor has a name and a role that may submit this; says what is missing."""
    refusal = refused(tower, command_type)
    if refusal:
        st.error(plain(refusal), icon=":material/lock:")
        return False
    return named(tower.identity)


def refused(tower: Tower, command_type: CommandType) -> str:
    """Return why the actor's role may not submit this, empty where it may."""
    try:
        tower.log.rule(command_type, tower.identity.role)
    except NotAllowedError as error:
        return forbidden(error, command_type, tower.identity.role)
    return ""
