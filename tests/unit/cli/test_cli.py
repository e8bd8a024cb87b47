import errno
import json

import pytest
import typer
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.lib import doctor
from dagster_project.verbs import data
from dagster_project.verbs.rim import print_table

VERBS = [
    ["demo"], ["init"], ["land"], ["run"], ["serve"], ["up"], ["status"], ["query"], ["explain"],
    ["doctor"], ["sandbox"],
    ["bench"], ["quarantine", "list"], ["quarantine", "show"], ["quarantine", "retry"],
    ["source", "check"], ["audit", "verify"],
]  # fmt: skip
CHANNELS = "channel_id,name,kind\nweb,Web shop,own_shop\n"
BROKEN = "channel_id,name,kind\nweb,Web shop,kiosk\n"


@pytest.fixture
def cli_nowhere(tmp_path):
    """Runs a verb on a home that nobody has made."""
    runner = CliRunner()

    def call(*words):
        return runner.invoke(app, [*words, "--home", str(tmp_path / "home")])

    return call


@pytest.fixture
def cli(cli_nowhere):
    """Runs a verb on a home of its own."""
    assert cli_nowhere("init").exit_code == 0
    return cli_nowhere


@pytest.fixture
def drop_file(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_explains_itself_with_an_example(verb):
    answer = CliRunner().invoke(app, [*verb, "--help"])
    assert answer.exit_code == 0
    assert f"truestock {' '.join(verb)}" in answer.output


def test_every_verb_is_covered_by_these_tests():
    command = typer.main.get_command(app)
    found = [
        [name, sub] if sub else [name]
        for name, part in command.commands.items()
        for sub in (getattr(part, "commands", None) or [""])
    ]
    assert sorted(found) == sorted(VERBS)


@pytest.mark.parametrize("words", [["query", "--format", "xml"], ["land"], ["no-such-verb"]])
def test_wrong_usage_ends_with_2(words):
    assert CliRunner().invoke(app, words).exit_code == 2


def test_asking_before_anything_is_published_says_what_to_do(cli):
    answer = cli("query", "select 1")
    assert answer.exit_code == 1
    assert "truestock run" in answer.stderr
    assert "Traceback" not in answer.output


def test_anything_but_one_select_is_refused(cli):
    answer = cli("query", "drop table fct_orders")
    assert answer.exit_code == 1
    assert "exactly one SELECT" in answer.stderr


def test_a_new_home_stands_with_nothing_published(cli):
    found = json.loads(cli("status", "--json").stdout)
    assert found["generation"] is None
    assert found["pending_commands"] == 0


def test_a_new_home_passes_the_doctor(cli):
    answer = cli("doctor", "--json")
    assert answer.exit_code == 0
    assert {finding["name"] for finding in json.loads(answer.stdout)} >= {"disk", "command log"}


def test_the_doctor_finds_a_damaged_warehouse(cli, tmp_path):
    (tmp_path / "home" / "warehouse.duckdb").write_text("this is no database" * 1000)
    answer = cli("doctor")
    assert answer.exit_code == 1
    assert "rebuilt from the batches" in " ".join(answer.stdout.split())


def test_a_landed_file_is_answered_with_its_counts(cli, drop_file):
    answer = cli("land", drop_file("channels.csv", CHANNELS), "--json")
    assert answer.exit_code == 0
    assert [(one["status"], one["physical_count"]) for one in json.loads(answer.stdout)] == [
        ("landed", 1)
    ]


def test_a_path_that_does_not_exist_is_wrong_usage(cli, tmp_path):
    answer = cli("land", str(tmp_path / "nowhere.csv"))
    assert answer.exit_code == 2
    assert "does not exist" in answer.stderr


def test_an_unknown_source_names_the_known_ones(cli, drop_file):
    answer = cli("land", drop_file("channels.csv", CHANNELS), "--source", "nobody")
    assert answer.exit_code == 1
    assert "native" in answer.stderr


def test_a_refused_record_can_be_listed_and_shown(cli, drop_file):
    cli("land", drop_file("channels.csv", BROKEN))
    (batch,) = json.loads(cli("quarantine", "list", "--json").stdout)
    assert batch["quarantined_count"] == 1
    (record,) = json.loads(cli("quarantine", "show", batch["batch_id"], "--json").stdout)
    assert record["row_number"] == 1
    assert "kiosk" in record["reason"]


def test_a_file_is_listed_with_each_reason_and_how_many_it_holds_back(cli, drop_file):
    rows = "a,A,kiosk\nb,B,stall\n,C,own_shop\n"
    cli("land", drop_file("channels.csv", CHANNELS + rows))
    said = cli("quarantine", "list").stdout
    assert "3 of 4 refused" in said
    assert "2  not a choice: for one: kind is 'kiosk'" in said
    assert "1  required missing: channel_id is empty" in said


def test_the_beginning_of_a_batch_id_names_it(cli, drop_file):
    cli("land", drop_file("channels.csv", BROKEN))
    (batch,) = json.loads(cli("quarantine", "list", "--json").stdout)
    (shown,) = json.loads(cli("quarantine", "show", batch["batch_id"][:6], "--json").stdout)
    assert shown["batch_id"] == batch["batch_id"]
    (again,) = json.loads(cli("quarantine", "retry", batch["batch_id"][:6], "--json").stdout)
    (newest,) = json.loads(cli("quarantine", "show", batch["batch_id"][:6], "--json").stdout)
    assert newest["batch_id"] == again["batch_id"] != batch["batch_id"]


def test_a_beginning_that_several_batches_share_names_none(cli, drop_file):
    for name in "abcdefghijklmnopq":  # 17 hashes: two at least begin alike
        cli("land", drop_file(f"channels-{name}.csv", BROKEN.replace("web", name)))
    batches = json.loads(cli("quarantine", "list", "--json").stdout)
    first = [batch["batch_id"][0] for batch in batches]
    shared = next(letter for letter in first if first.count(letter) > 1)
    answer = cli("quarantine", "show", shared)
    assert answer.exit_code == 1
    assert f"{first.count(shared)} batches begin with '{shared}'" in answer.stderr


def test_a_batch_id_is_never_broken_over_lines(cli, drop_file):
    answer = cli("land", drop_file("channels-of-a-long-name-indeed.csv", BROKEN))
    (batch,) = json.loads(cli("quarantine", "list", "--json").stdout)
    assert batch["batch_id"] in answer.stdout


def test_a_file_of_an_unknown_system_says_which_there_are_and_how_to_add_one(cli, tmp_path):
    path = tmp_path / "home" / "drop" / "shopify" / "export.csv"
    path.parent.mkdir()
    path.write_text(CHANNELS)
    said = cli("land", str(path)).stdout
    assert "no source is called shopify; there are adventureworks" in said
    assert f"{tmp_path / 'home' / 'sources' / 'shopify'}/source.yml" in said


def test_a_batch_nobody_knows_is_said_to_be_unknown(cli):
    answer = cli("quarantine", "retry", "no-such-batch")
    assert answer.exit_code == 1
    assert "no batch" in answer.stderr


def test_an_empty_log_verifies(cli):
    answer = cli("audit", "verify", "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["bad"] is None


def test_a_demo_does_not_mix_with_a_homes_own_data(cli, tmp_path):
    (tmp_path / "home" / "batches").mkdir()
    answer = cli("demo", "--no-serve")
    assert answer.exit_code == 1
    assert "Give an empty folder" in answer.stderr


def test_an_unknown_scenario_is_wrong_usage(cli):
    assert cli("demo", "--scenario", "florist", "--no-serve").exit_code == 2


def test_an_unknown_benchmark_names_the_known_ones():
    answer = CliRunner().invoke(app, ["bench", "nothing"])
    assert answer.exit_code == 2
    assert "pipeline" in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["run"], ["land", "."], ["serve"], ["up"], ["status"], ["query"], ["explain", "A-1"],
        ["doctor"], ["sandbox"], ["quarantine", "list"], ["quarantine", "show", "b"],
        ["quarantine", "retry", "b"], ["audit", "verify"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_mistyped_home_is_said_and_not_made(cli_nowhere, tmp_path, words):
    answer = cli_nowhere(*words)
    assert answer.exit_code == 1
    assert f"truestock init --home {tmp_path / 'home'}" in answer.stderr
    assert not (tmp_path / "home").exists()


def test_a_port_that_cannot_be_is_wrong_usage(cli):
    answer = cli("serve", "--port", "99999")
    assert answer.exit_code == 2
    assert "65535" in answer.stderr


def test_a_csv_has_the_line_ends_of_this_system():
    assert data.csv_of([["a", "b"], [1, None]]) == "a,b\n1,\n"


def test_a_table_in_a_pipe_breaks_no_line(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table(["reason", "next"], [["a" * 200, "b" * 200]])
    assert f"{'a' * 200}   {'b' * 200}" in capsys.readouterr().out


def test_a_home_that_is_a_file_is_said_plainly(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    answer = CliRunner().invoke(app, ["init", "--home", str(taken)])
    assert answer.exit_code == 1
    assert "taken" in answer.stderr
    assert "[Errno" not in answer.stderr
    assert "--home" in answer.stderr


def test_the_doctor_reports_a_warehouse_that_it_cannot_lock(cli, tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(errno.EROFS, "Read-only file system", "warehouse.writing")

    (tmp_path / "home" / "warehouse.duckdb").touch()
    monkeypatch.setattr(doctor, "exclusive", refuse)
    answer = cli("doctor")
    assert answer.exit_code == 1
    assert "cannot be locked for writing" in " ".join(answer.stdout.split())
