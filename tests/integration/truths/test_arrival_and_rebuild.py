"""How, when and in how many runs things are told changes nothing (promises T2 and T3).

One home takes the whole world at once. Another takes it scattered, in two parts with a build after
each: every business in it is one metamorphic run.
"""

import random
from datetime import timedelta

import pytest

from ingestion.settings import Settings
from tests.integration.truths.homes import AT, build, changes_in, differing, land, relations
from tests.integration.truths.scattering import scattered


@pytest.fixture(scope="module")
def piecemeal(world, tmp_path_factory) -> Settings:
    root = tmp_path_factory.mktemp("piecemeal")
    files = scattered(world, root / "told", random.Random(20260902))
    settings = Settings(home=root / "home")
    half = len(files) // 2
    for late, some in enumerate((files[:half], files[half:])):
        for file in some:
            land(settings, file, at=AT - timedelta(days=1 - late))
        build(settings, tested=False)
    return settings


def test_every_business_has_the_same_books_at_every_instant(businesses, straight, piecemeal):
    wanted, found = changes_in(straight), changes_in(piecemeal)
    assert len(wanted) > 140
    assert [one.name for one in businesses if found[one.name] != wanted[one.name]] == []


def test_a_home_built_after_each_part_equals_one_built_at_once(straight, piecemeal):
    assert relations(piecemeal) == relations(straight)
    assert len(relations(straight)) > 30
    found = {name: differing(straight, piecemeal, name) for name in relations(straight)}
    assert {name: rows for name, rows in found.items() if rows} == {}
