"""One world of many businesses, and a home to which it was told all at once, in order."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ingestion.settings import Settings
from tests.integration.truths import spellings, timekeeping
from tests.integration.truths.businesses import Business, Rows, joined, rows_of, write_files
from tests.integration.truths.homes import build, land
from tests.integration.truths.playing import play


@pytest.fixture(scope="session")
def businesses() -> Sequence[Business]:
    """Businesses of up to 50 steps, the same ones each time."""
    return play(150)


@pytest.fixture(scope="session")
def world(businesses) -> Rows:
    """All rows of all systems: the businesses, a calendar of moves, one SKU spelled many ways."""
    return joined(rows_of(businesses), timekeeping.ROWS, spellings.ROWS)


@pytest.fixture(scope="session")
def straight(world, shared) -> Settings:
    """The home that got the world at once, with every model built and tested."""

    def make(home: Path) -> None:
        told = home.with_name("told")
        write_files(world, told)
        settings = Settings(home=home)
        land(settings, told)
        build(settings)

    return shared("straight", make)
