"""The frame of every page: its title, how fresh it is, and what people have decided meanwhile."""

import streamlit as st

from app.queries.commands import Progress, Stage
from app.serving import Tower, now
from app.views.parts import command_frame
from app.views.tables import table
from app.wording import ago, plural

REFRESH = "10s"


def header(tower: Tower, title: str, subtitle: str) -> None:
    """Show the page's title and, beside it, its generation's age and the pending commands."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"
    ):
        with st.container(width="content", gap=None):
            st.title(title, anchor=False)
            st.caption(subtitle)
        with st.container(width="content"):
            _status(tower)


@st.fragment(run_every=REFRESH)
def _status(tower: Tower) -> None:
    age = ago(tower.reader.published_at, now())
    pending = [each for each in tower.commands if each.is_open]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(
            f"As of generation {tower.reader.number}, {age}",
            icon=":material/database:",
            color="gray",
        )
        _pending(pending)
        newest = tower.newest_generation()
        if newest > tower.reader.number and st.button(
            f"Show generation {newest}", icon=":material/refresh:", type="primary"
        ):
            st.rerun(scope="app")


def _pending(pending: list[Progress]) -> None:
    waiting = sum(each.stage is Stage.PENDING for each in pending)
    if not pending:
        st.badge("No pending commands", icon=":material/task_alt:", color="green")
        return
    label = plural(len(pending), "pending command")
    with st.popover(label, icon=":material/hourglass_top:"):
        st.caption(
            f"{waiting} of them for somebody's approval; the others take effect with the next run."
        )
        table(command_frame(pending), "pending-commands")
