"""Reader processes during many publications: no error, never a mix (promise N5)."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagster_project.lib.publication import Edition, Relation, publish
from ingestion.generations import open_current
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

READERS, PUBLISHES, MONTHS = 8, 50, 6
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RELATIONS = (
    Relation("fct_moves", "select * from main.fct_moves", "occurred_at"),
    Relation("dim_editions", "select * from main.dim_editions"),
)
ANSWER = """
    select
        (select generation from meta_generation),
        (select edition from dim_editions),
        (select min(edition) from fct_moves),
        (select max(edition) from fct_moves)
"""

pytestmark = pytest.mark.soak


def settings_of(home: Path | str) -> Settings:
    return Settings.model_validate({"home": home, "keep_generations": 2, "memory_limit": "1GB"})


def publish_edition(settings: Settings, edition: int) -> int:
    with open_warehouse(settings) as connection:
        connection.execute(
            f"create or replace table main.dim_editions as select {edition} as edition"
        )
        connection.execute(
            f"create or replace table main.fct_moves as select {edition} as edition, "
            f"timestamp '2026-01-15' + to_months(i::integer) as occurred_at "
            f"from range({MONTHS}) as months (i)"
        )
        return publish(connection, settings, RELATIONS, Edition(NOW, "run")).number


def read_until_told(home: str) -> None:
    """Read whichever generation is current until the file `done` is there; say what was seen."""
    answers, reads = set(), 0
    while not Path(home, "done").exists():
        _, connection = open_current(settings_of(home))
        with connection:
            answers.add(connection.execute(ANSWER).fetchone())
        reads += 1
        if reads == 1:
            Path(home, f"reading-{sys.argv[2]}").touch()
    sys.stdout.write(json.dumps({"reads": reads, "answers": sorted(answers)}))


def test_reader_processes_see_whole_generations_and_no_error(tmp_path):
    settings = settings_of(tmp_path)
    publish_edition(settings, 1)
    readers = [
        subprocess.Popen(
            [sys.executable, __file__, tmp_path, str(reader)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for reader in range(READERS)
    ]
    while len(list(tmp_path.glob("reading-*"))) < READERS:
        assert all(reader.poll() is None for reader in readers)
    for edition in range(2, PUBLISHES + 1):
        assert publish_edition(settings, edition) == edition
    (tmp_path / "done").touch()
    said = [reader.communicate(timeout=60) for reader in readers]
    assert [error for _, error in said if error] == []
    assert [reader.returncode for reader in readers] == [0] * READERS
    seen = {tuple(answer) for words, _ in said for answer in json.loads(words)["answers"]}
    assert [answer for answer in seen if len(set(answer)) > 1] == []
    assert len(seen) > PUBLISHES // 5


if __name__ == "__main__":
    read_until_told(sys.argv[1])
