"""Hostile input is bounded, and reaches nothing outside its folder."""

import gzip
import os

import pytest

from ingestion.landing.arrivals import LandingStatus
from ingestion.landing.quarantine import NothingToRetryError, list_quarantine, retry
from ingestion.settings import Settings

LINES = "order_id,line_id,sku,quantity\n1,1,A,2\n"


def test_a_symbolic_link_is_refused_and_what_it_points_at_is_never_read(home, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(LINES)
    (home.inbox / "order_lines.csv").symlink_to(secret)
    (landed,) = home.land(home.inbox)
    assert landed.status is LandingStatus.QUARANTINED
    assert "symbolic link" in landed.message
    assert not list(home.settings.archive.rglob("*"))
    with pytest.raises(NothingToRetryError):
        retry(home.settings, landed.batch_id, home.clock)


def test_a_linked_folder_is_not_entered(home, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "order_lines.csv").write_text(LINES)
    (home.inbox / "inside").symlink_to(outside)
    (landed,) = home.land(home.inbox)
    assert landed.status is LandingStatus.QUARANTINED
    assert home.load()[0].loaded_count == 0


def test_a_named_pipe_is_refused_without_waiting_for_it(home):
    os.mkfifo(home.inbox / "order_lines.csv")
    (landed,) = home.land(home.inbox)
    assert "named pipe" in landed.message


def test_a_file_over_the_limit_is_refused_unread(home, tmp_path):
    home.settings = Settings(home=tmp_path / "home", max_file_bytes=10)
    landed = home.land_text("order_lines.csv", LINES)
    assert landed.status is LandingStatus.QUARANTINED
    assert "10" in landed.message


def test_a_gzip_bomb_is_given_up_on(home):
    bomb = gzip.compress(b"0" * 80 * 2**20)
    landed = home.land_text("order_lines.csv.gz", bomb)
    assert landed.status is LandingStatus.QUARANTINED
    assert "unpacks to more than" in landed.message
    assert not list(home.settings.batches.glob(".landing-*"))


def test_a_mapping_cannot_read_other_files(home, tmp_path):
    (tmp_path / "secret.csv").write_text("a\nb\n")
    own = home.settings.user_sources / "acme"
    own.mkdir(parents=True)
    (own / "source.yml").write_text(
        "{system: acme, owner: ops, feeds: [{feed: order_lines, files: ['*.csv']}]}"
    )
    (own / "order_lines.sql").write_text(
        f"select *, (select count(*) from read_csv('{tmp_path}/secret.csv')) as n from source"
    )
    (landed,) = home.land(home.write("lines.csv", LINES), system="acme")
    assert landed.status is LandingStatus.QUARANTINED
    assert "order_lines.sql" in landed.message


def test_a_mapping_that_is_not_one_select_is_refused(home):
    own = home.settings.user_sources / "acme"
    own.mkdir(parents=True)
    (own / "source.yml").write_text(
        "{system: acme, owner: ops, feeds: [{feed: order_lines, files: ['*.csv']}]}"
    )
    (own / "order_lines.sql").write_text("create table x as select 1; select * from source")
    (landed,) = home.land(home.write("lines.csv", LINES), system="acme")
    assert landed.status is LandingStatus.QUARANTINED


def test_a_name_full_of_sql_is_only_a_name(home):
    landed = home.land_text("order_lines'); drop table x;--.csv", LINES)
    assert landed.status is LandingStatus.LANDED
    assert home.load()[0].loaded_count == 1
    assert not list_quarantine(home.settings)


def test_a_column_named_like_sql_is_only_a_column(home):
    landed = home.land_text(
        "order_lines.csv", 'order_id,line_id,sku,quantity,"x"" , \'; --"\n1,1,A,2,z\n'
    )
    assert landed.added_columns == ("x\" , '; --",)


def test_a_file_with_thousands_of_columns_is_given_up_on(home):
    header = ",".join(f"c{n}" for n in range(50_000))
    landed = home.land_text("order_lines.csv", f"{header}\n")
    assert "50000 columns" in landed.message


def test_a_file_of_nothing_but_bad_records_is_quarantined_whole(home):
    content = "order_id,line_id,sku,quantity\n" + "1,1,A,-1\n" * 100_001
    landed = home.land_text("order_lines.csv", content)
    assert landed.status is LandingStatus.QUARANTINED
    assert "quantity is '-1'" in landed.message
    (batch,) = home.load()
    assert batch.physical_count == batch.quarantined_count == 100_001


def test_broken_quotes_over_and_over_are_given_up_on(home):
    content = "order_id,line_id,sku,quantity\n" + '1,1,"A,1\n' * 100_001
    landed = home.land_text("order_lines.csv", content)
    (batch,) = home.load()
    assert batch.loaded_count == 0
    assert landed.quarantined_count == landed.physical_count > 0
