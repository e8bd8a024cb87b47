import shutil
import subprocess
import sys

import duckdb
import pytest

from dagster_project.lib.publication import PublicationError, Relation, published_relations
from ingestion.generations import GenerationGoneError, current, open_current, open_generation


def month_file(generation, month):
    return generation.path / "fct_moves" / f"month={month}" / "part.parquet"


def numbers(settings):
    return sorted(int(path.name) for path in settings.published.iterdir() if path.name.isdigit())


def test_a_generation_answers_for_every_relation(press):
    press.publish()
    generation, connection = open_current(press.settings)
    assert generation.number == 1
    assert connection.execute("select sum(quantity) from fct_moves").fetchone() == (12,)
    assert connection.execute("select sku from dim_products").fetchone() == ("A",)
    assert connection.execute("select generation from meta_generation").fetchone() == (1,)


def test_an_unchanged_month_is_the_same_file_and_a_changed_one_is_not(press):
    first = press.publish()
    press.move("A", 1, "2026-02-11")
    second = press.publish()
    assert month_file(first, "2026-01").samefile(month_file(second, "2026-01"))
    assert not month_file(first, "2026-02").samefile(month_file(second, "2026-02"))


def test_a_correction_that_keeps_count_and_sum_still_makes_a_new_file(press):
    first = press.publish()
    press.write("update main.fct_moves set sku = 'C' where sku = 'A'")
    second = press.publish()
    assert not month_file(first, "2026-01").samefile(month_file(second, "2026-01"))


def test_a_column_that_changes_its_type_is_written_anew_in_every_month(press):
    press.publish()
    press.write("alter table main.fct_moves alter quantity type bigint")
    press.publish()
    _, connection = open_current(press.settings)
    found = connection.execute("select typeof(quantity) from fct_moves").fetchall()
    assert found == [("BIGINT",), ("BIGINT",)]


def test_rows_without_a_timestamp_are_published_too(press):
    press.move("D", 3, None)
    press.publish()
    press.publish()
    _, connection = open_current(press.settings)
    assert connection.execute("select sum(quantity) from fct_moves").fetchone() == (15,)


def test_an_empty_partitioned_relation_is_published_empty(press):
    press.write("delete from main.fct_moves")
    press.publish()
    _, connection = open_current(press.settings)
    assert connection.execute("select count(*), max(sku) from fct_moves").fetchone() == (0, None)


def test_a_table_macro_answers_in_the_generation(press):
    press.publish()
    _, connection = open_current(press.settings)
    assert connection.execute("select count(*) from twice('fct_moves')").fetchone() == (2,)


def test_a_plain_client_in_the_generations_folder_sees_partitioned_relations(press):
    generation = press.publish()
    query = "import duckdb; print(duckdb.connect('truestock.duckdb', read_only=True)"
    query += ".execute('select sum(quantity) from fct_moves').fetchone())"
    done = subprocess.run(
        [sys.executable, "-c", query],
        cwd=generation.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "(12,)", done.stderr


def test_only_the_last_k_generations_are_kept(press):
    for _ in range(5):
        press.publish()
    assert numbers(press.settings) == [3, 4, 5]


def test_a_generation_somebody_reads_is_kept_until_they_are_done(press):
    press.publish()
    _, connection = open_current(press.settings)
    for _ in range(5):
        press.publish()
    assert numbers(press.settings) == [1, 4, 5, 6]
    assert connection.execute("select sum(quantity) from fct_moves").fetchone() == (12,)
    connection.close()
    del connection
    press.publish()
    assert numbers(press.settings) == [5, 6, 7]


def test_opening_a_generation_that_is_gone_says_so(press):
    gone = press.publish()
    for _ in range(4):
        press.publish()
    with pytest.raises(GenerationGoneError, match="Open the current one"):
        open_generation(gone)


def test_leftovers_of_a_killed_publication_are_cleaned_by_the_next(press):
    press.publish()
    leftover = press.settings.published / ".building-2"
    leftover.mkdir()
    (leftover / "half.parquet").write_text("half")
    press.publish()
    assert not list(press.settings.published.glob(".building-*"))
    assert current(press.settings).number == 2


def test_a_generation_renamed_but_never_pointed_at_is_passed_over(press):
    first = press.publish()
    shutil.copytree(first.path, press.settings.published / "2")
    assert current(press.settings).number == 1
    assert press.publish().number == 3


def test_a_failed_publication_keeps_the_last_good_generation(press):
    press.publish()
    missing = Relation("fct_lost", "select * from main.fct_lost")
    with pytest.raises(PublicationError, match="The last good generation stays up"):
        press.publish(missing)
    assert current(press.settings).number == 1
    assert numbers(press.settings) == [1]
    assert press.publish().number == 2


def test_a_published_generation_reaches_no_other_file(press, tmp_path):
    press.publish()
    _, connection = open_current(press.settings)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with pytest.raises(duckdb.PermissionException):
        connection.execute(f"from read_csv('{tmp_path / 'secret.csv'}')")


def test_only_what_dbt_builds_in_main_is_published():
    nodes = {
        "a": {"resource_type": "model", "schema": "main", "name": "fct_a", "alias": "fct_a",
              "config": {"meta": {"months_of": "occurred_at"}}},
        "b": {"resource_type": "model", "schema": "staging", "name": "stg_b", "alias": "stg_b",
              "config": {}},
        "c": {"resource_type": "seed", "schema": "main", "name": "kpi_c", "alias": "kpi_c",
              "config": {}},
        "e": {"resource_type": "model", "schema": "main", "name": "kpi_e", "alias": "kpi_e",
              "config": {"materialized": "view"}},
        "d": {"resource_type": "test", "schema": "main", "name": "t", "alias": "t", "config": {}},
    }  # fmt: skip
    found = published_relations({"nodes": nodes})
    assert [(one.name, one.partition_by, one.is_view) for one in found] == [
        ("fct_a", "occurred_at", False),
        ("kpi_c", None, False),
        ("kpi_e", None, True),
    ]


def test_a_view_is_published_as_a_view_of_its_own_generation(press):
    press.write("create view main.kpi_moves as select sku, quantity from main.fct_moves")
    moves = Relation("kpi_moves", "select * from main.kpi_moves", is_view=True)
    first = press.publish_also(moves)
    held = open_generation(first)
    press.move("A", 100, "2026-02-12")
    press.publish_also(moves)
    total = "select sum(quantity) from kpi_moves"
    assert held.execute(total).fetchone() == (12,)
    assert open_current(press.settings)[1].execute(total).fetchone() == (112,)


def test_a_view_over_something_unpublished_is_refused(press):
    press.write("create table main.secret as select 1 as x")
    press.write("create view main.kpi_secret as select x from main.secret")
    with pytest.raises(PublicationError, match="secret"):
        press.publish_also(Relation("kpi_secret", "select 1", is_view=True))
    assert numbers(press.settings) == []


APPLIED = Relation("meta_skus", "select sku from main.fct_moves", first_by="sku")


def first_generations(settings):
    _, connection = open_current(settings)
    return dict(connection.execute("select sku, generation from meta_skus").fetchall())


def test_a_row_names_the_first_generation_that_held_it(press):
    press.publish_also(APPLIED)
    press.move("C", 1, "2026-02-11")
    press.write("delete from main.fct_moves where sku = 'B'")
    press.publish_also(APPLIED)
    press.publish_also(APPLIED)
    assert first_generations(press.settings) == {"A": 1, "C": 2}


def test_what_was_there_before_anybody_kept_its_first_generation_names_none(press):
    press.publish()
    press.publish_also(APPLIED)
    press.move("C", 1, "2026-02-11")
    press.publish_also(APPLIED)
    assert first_generations(press.settings) == {"A": None, "B": None, "C": 3}
