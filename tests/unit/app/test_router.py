from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from dagster_project.lib.publication import Edition, Relation, publish
from tests.unit.app.conftest import PUBLISHED_AT, create_warehouse

ROUTER = Path(__file__).parents[3] / "app/streamlit_app.py"


@pytest.fixture
def open_tower(settings, monkeypatch):
    """Runs the router once, as a server bound to `address` would."""
    before = config.get_option("server.address")

    def open_(address):
        config.set_option("server.address", address)
        monkeypatch.setenv("TRUESTOCK_HOME", str(settings.home))
        return AppTest.from_file(str(ROUTER), default_timeout=30).run()

    yield open_
    config.set_option("server.address", before)


@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.0.2.7", "127.0.0.1.example.org"])  # noqa: S104
def test_the_tower_refuses_to_answer_beyond_this_machine(open_tower, address):
    page = open_tower(address)
    assert "answers this machine only" in page.error[0].value
    assert not page.title


def test_a_home_without_a_generation_says_what_to_do(open_tower):
    page = open_tower("127.0.0.1")
    assert page.title[0].value == "Nothing is published yet"
    assert "truestock run" in page.info[0].value
    assert not page.exception


def test_the_first_page_shows_the_current_generation(open_tower, publish_rows):
    publish_rows()
    page = open_tower("127.0.0.1")
    assert not page.exception
    assert page.title[0].value == "Overview"


def test_a_generation_of_another_version_says_what_to_do(open_tower, settings):
    with create_warehouse(settings) as connection:
        known = (Relation("dim_products", "select * from main.dim_products"),)
        publish(connection, settings, known, Edition(PUBLISHED_AT, "run-1"))
    page = open_tower("127.0.0.1")
    assert not page.exception
    assert "`truestock run` publishes one" in page.warning[0].value


def test_local_mode_is_labelled_and_starts_as_a_viewer(open_tower, publish_rows):
    publish_rows()
    page = open_tower("127.0.0.1")
    assert any("Local mode" in each.value for each in page.sidebar.markdown)
    assert page.sidebar.selectbox[0].value == "viewer"
