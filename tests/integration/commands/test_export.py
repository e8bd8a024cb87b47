import json

from ingestion.commands.export import export_commands
from ingestion.contracts.feeds import FEEDS
from ingestion.contracts.vocabulary import CommandType


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_new_entries_become_one_file_of_the_feed(log, adjustment, decision, tmp_path):
    receipt = log.submit(adjustment(quantity=-26, reason="dropped\n“twice”"))
    log.submit(decision(CommandType.APPROVE, receipt))
    path = export_commands(log, tmp_path / "drop", after_sequence=0)
    assert path.name == "commands-1-2.ndjson"
    exported = read(path)
    assert {frozenset(line) for line in exported} == {frozenset(FEEDS["commands"].column_names)}
    assert [line["command_type"] for line in exported] == ["record_adjustment", "approve"]
    assert json.loads(exported[1]["payload"]) == {"command_id": receipt.command_id}


def test_only_entries_after_the_last_export_are_written(log, adjustment, tmp_path):
    for _ in range(3):
        log.submit(adjustment(quantity=-1))
    path = export_commands(log, tmp_path, after_sequence=1)
    assert path.name == "commands-2-3.ndjson"
    assert [line["sequence"] for line in read(path)] == [2, 3]


def test_nothing_new_writes_no_file(log, adjustment, tmp_path):
    log.submit(adjustment())
    assert export_commands(log, tmp_path, after_sequence=1) is None
    assert list(tmp_path.glob("*.ndjson")) == []


def test_the_same_entries_give_the_same_bytes_and_no_leftover(log, adjustment, tmp_path):
    log.submit(adjustment())
    first = export_commands(log, tmp_path / "drop", after_sequence=0).read_bytes()
    second = export_commands(log, tmp_path / "drop", after_sequence=0).read_bytes()
    assert first == second
    assert len(list((tmp_path / "drop").iterdir())) == 1


def test_the_exported_chain_can_be_followed(log, adjustment, tmp_path):
    for _ in range(3):
        log.submit(adjustment(quantity=-1))
    exported = read(export_commands(log, tmp_path, after_sequence=0))
    links = [(line["previous_hash"], line["hash"]) for line in exported]
    assert all(links[n][1] == links[n + 1][0] for n in range(2))
