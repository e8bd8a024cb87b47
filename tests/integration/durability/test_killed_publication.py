"""A publication killed at any moment leaves a whole generation to read (promise N1)."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagster_project.lib.publication import Edition, Relation, publish
from ingestion.generations import current, open_current
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

ROWS, MONTHS, PUBLISHES = 30_000, 12, 3
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RELATIONS = (
    Relation("fct_moves", "select * from main.fct_moves", "occurred_at"),
    Relation("dim_editions", "select * from main.dim_editions"),
)
MOVES = f"""
    create table main.fct_moves as
    select i as quantity, timestamp '2026-01-15' + to_months((i % {MONTHS})::integer) as occurred_at
    from range({ROWS}) as rows (i)
"""
ANSWER = "select (select edition from dim_editions), count(*), sum(quantity) from fct_moves"


def settings_of(home: Path | str) -> Settings:
    return Settings.model_validate({"home": home, "keep_generations": 2, "memory_limit": "1GB"})


def publish_anew(settings: Settings) -> int:
    """Change one month and the edition in one transaction, then publish them."""
    with open_warehouse(settings) as connection:
        connection.begin()
        connection.execute("update main.dim_editions set edition = edition + 1")
        connection.execute("insert into main.fct_moves values (0, timestamp '2026-02-01')")
        connection.commit()
        return publish(connection, settings, RELATIONS, Edition(NOW, "run")).number


def answer(settings: Settings) -> tuple[int, int, int]:
    generation, connection = open_current(settings)
    with connection:
        told = connection.execute("select generation from meta_generation").fetchone()
        assert told == (generation.number,)
        return connection.execute(ANSWER).fetchone()


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.soak)])
def test_a_publication_killed_at_any_moment_leaves_a_whole_generation(kills, tmp_path, victim):
    settings = settings_of(tmp_path)
    with open_warehouse(settings) as connection:
        connection.execute(MOVES)
        connection.execute("create table main.dim_editions as select 0 as edition")
    publish_anew(settings)
    whole = victim(__file__, tmp_path).finish()
    seen = current(settings).number
    for kill in range(kills):
        victim(__file__, tmp_path).kill_after(whole * (kill + 0.5) / kills)
        edition, rows, total = answer(settings)
        assert (rows, total) == (ROWS + edition, ROWS * (ROWS - 1) // 2)
        assert current(settings).number >= seen
        seen = current(settings).number
    newest = publish_anew(settings)
    assert current(settings).number == newest > seen
    names = {path.name for path in settings.published.iterdir()}
    assert names == {"CURRENT", str(newest - 1), str(newest)}


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for _ in range(PUBLISHES):
        publish_anew(settings_of(sys.argv[1]))
