"""A full disk stops the work with a clear message and takes nothing with it (promise N9)."""

import resource
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from dagster_project.lib.publication import Edition, PublicationError, Relation, publish
from ingestion.generations import current, open_current
from ingestion.landing.arrivals import LandingStatus
from ingestion.landing.land import land_drop
from ingestion.landing.rejections import NoRoomError
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RELATIONS = (Relation("fct_noise", "select * from main.fct_noise"),)
LARGEST_FILE = 4 * 2**20
LINES = 300_000


def settings_of(home) -> Settings:
    return Settings.model_validate({"home": home, "memory_limit": "1GB"})


def grow_and_publish(settings: Settings, rows: int) -> None:
    with open_warehouse(settings) as connection:
        connection.execute(
            "create or replace table main.fct_noise as "
            f"select md5(i::varchar) as noise from range({rows}) as rows (i)"
        )
        publish_as_is(settings, connection)


def publish_as_is(settings, connection) -> None:
    publish(connection, settings, RELATIONS, Edition(NOW, "run"))


def assert_nothing_half_published(settings: Settings) -> None:
    assert {path.name for path in settings.published.iterdir()} == {"CURRENT", "1"}
    assert current(settings).number == 1
    _, connection = open_current(settings)
    with connection:
        assert connection.execute("select count(*) from fct_noise").fetchone() == (10,)


def test_a_publication_onto_a_full_disk_says_so_and_changes_nothing(tmp_path, tiny_disk):
    settings = settings_of(tmp_path)
    tiny_disk(settings.published, "6m")
    grow_and_publish(settings, 10)
    with pytest.raises(PublicationError, match="free the disk") as refusal:
        grow_and_publish(settings, 1_000_000)
    assert "No space left on device" in str(refusal.value)
    assert_nothing_half_published(settings)
    tiny_disk(settings.published, "200m")
    with open_warehouse(settings) as connection:
        publish_as_is(settings, connection)
    assert current(settings).number == 2


def test_a_publication_that_may_not_write_so_much_says_so_and_changes_nothing(tmp_path):
    settings = settings_of(tmp_path)
    grow_and_publish(settings, 10)
    with open_warehouse(settings) as connection:
        connection.execute(
            "insert into main.fct_noise select md5(i::varchar) from range(1_000_000) as rows (i)"
        )
    done = subprocess.run(
        [sys.executable, __file__, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "PublicationError" in done.stderr
    assert "The last good generation stays up" in done.stderr
    assert_nothing_half_published(settings)


def test_a_full_disk_blames_no_file_and_the_file_lands_once_there_is_room(tmp_path, tiny_disk):
    tiny_disk(tmp_path / "home", "64m")
    settings = Settings.model_validate({"home": tmp_path / "home", "memory_limit": "64MB"})
    inbox = settings.drop / "native"
    inbox.mkdir(parents=True)
    lines = (f"O-{i * 7919},1,S-{i * 31 % 977},1,2025-03-01T00:00:00Z\n" for i in range(LINES))
    header = "order_id,line_id,sku,quantity,recorded_at\n"
    (inbox / "order_lines.csv").write_text(header + "".join(lines))
    with pytest.raises(NoRoomError, match=r"order_lines\.csv .* free the disk"):
        land_drop(settings, lambda: NOW)
    assert [path.name for path in settings.batches.glob("*-*")] == []
    tiny_disk(tmp_path / "home", "400m")
    (landed,) = land_drop(settings, lambda: NOW)
    assert (landed.status, landed.physical_count) == (LandingStatus.LANDED, LINES)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    with open_warehouse(settings_of(sys.argv[1])) as warehouse:
        publish_as_is(settings_of(sys.argv[1]), warehouse)
