"""The proofs of the ledger at length: 2,000 businesses, 500 other ways to tell them (T1, T2)."""

import random
from datetime import timedelta

import pytest

from ingestion.settings import Settings
from tests.integration.truths.businesses import rows_of
from tests.integration.truths.homes import AT, LEDGER, build, changes_in, home_of, land
from tests.integration.truths.playing import play
from tests.integration.truths.scattering import scattered
from tests.integration.truths.shrinking import assert_booked_as_expected

pytestmark = pytest.mark.soak


def test_two_thousand_businesses_are_booked_as_the_domain_says(tmp_path):
    businesses = play(2000)
    assert len({business.events for business in businesses}) == 2000
    settings = home_of(businesses, tmp_path / "all")
    assert_booked_as_expected(businesses, changes_in(settings), tmp_path / "smallest")


def test_five_hundred_other_ways_of_telling_change_no_balance_at_any_instant(tmp_path):
    businesses = play(100)
    wanted = changes_in(home_of(businesses, tmp_path / "straight"))
    assert len(wanted) == 100
    for way in range(5):
        found = changes_in(_told_otherwise(rows_of(businesses), tmp_path / str(way), way))
        assert [one.name for one in businesses if found[one.name] != wanted[one.name]] == []


def _told_otherwise(rows, root, way: int) -> Settings:
    files = scattered(rows, root / "told", random.Random(way))
    settings = Settings(home=root / "home")
    for number, file in enumerate(files):
        land(settings, file, at=AT + timedelta(hours=number))
        if number == len(files) // 2:
            build(settings, *LEDGER, tested=False)
    build(settings, *LEDGER, tested=False)
    return settings
