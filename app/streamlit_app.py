"""The control tower's router: `streamlit run app/streamlit_app.py`, or `truestock serve`."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.forms.identity import identity_picker
from app.queries.reader import OtherVersionError
from app.serving import Tower, open_tower
from app.views import (
    allocation,
    counts,
    exceptions,
    health,
    inventory,
    lots,
    overview,
    reconciliation,
    returns,
)
from app.views.navigation import Go
from ingestion.generations import NoGenerationError
from ingestion.settings import Settings

ASSETS = Path(__file__).with_name("assets")
LOOPBACK = ("127.0.0.1", "localhost", "::1")

st.set_page_config(page_title="Truestock", page_icon=str(ASSETS / "favicon.svg"), layout="wide")
if st.get_option("server.address") not in LOOPBACK:
    st.error(
        "The control tower has no sign-in yet, so it answers this machine only. "
        "Start it with --server.address 127.0.0.1."
    )
    st.stop()

st.logo(str(ASSETS / "truestock.svg"), size="large")
st.html(ASSETS / "tower.css")

PAGES = (
    ("overview", "Overview", ":material/space_dashboard:", overview.show),
    ("exceptions", "Exceptions", ":material/inbox:", exceptions.show),
    ("inventory", "Inventory", ":material/inventory_2:", inventory.show),
    ("allocation", "Allocation", ":material/alt_route:", allocation.show),
    ("reconciliation", "Reconciliation", ":material/balance:", reconciliation.show),
    ("counts", "Counts", ":material/fact_check:", counts.show),
    ("returns", "Returns", ":material/assignment_return:", returns.show),
    ("lots", "Lots", ":material/science:", lots.show),
    ("health", "Data health", ":material/monitor_heart:", health.show),
)
pages: dict[str, st.Page] = {}


def go(name: str, /, **opened: str) -> None:
    """Switch to the page of that name, with what is to be opened on it."""
    st.switch_page(pages[name], query_params=opened)


def page(show: Callable[[Tower, Go], None]) -> Callable[[], None]:
    """A page's body: the tower on the current generation, or what to do before there is one."""

    def body() -> None:
        try:
            show(open_tower(Settings(), identity), go)
        except NoGenerationError as error:
            st.title("Nothing is published yet", anchor=False)
            st.info(str(error), icon=":material/rocket_launch:")
        except OtherVersionError as error:
            st.title("Run once to see this", anchor=False)
            st.warning(str(error), icon=":material/update:")

    return body


for name, title, icon, show_page in PAGES:
    pages[name] = st.Page(
        page(show_page), title=title, icon=icon, url_path=name, default=name == "overview"
    )
chosen = st.navigation(list(pages.values()))
identity = identity_picker()
chosen.run()
