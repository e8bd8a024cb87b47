from dataclasses import replace

import pytest
import sqlalchemy as sa

from ingestion.commands import rows
from ingestion.commands.model import Head
from ingestion.commands.store import COMMAND_LOG, Store
from ingestion.contracts.commands import RecordAdjustment
from ingestion.contracts.vocabulary import CommandType

LOG = COMMAND_LOG


def run_sql(url, statement, *, guarded=True):
    """Runs one statement as somebody with direct access to the database."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if not guarded:
            drop_guards(connection)
        result = connection.execute(sa.text(statement) if isinstance(statement, str) else statement)
        rowcount = result.rowcount
    engine.dispose()
    return rowcount


def drop_guards(connection):
    if connection.dialect.name == "sqlite":
        query = "select name from sqlite_master where type = 'trigger'"
        for name in connection.scalars(sa.text(query)).all():
            connection.exec_driver_sql(f"drop trigger {name}")
    else:
        connection.exec_driver_sql("alter table command_log disable trigger all")


@pytest.fixture
def five(log, adjustment):
    for _ in range(5):
        log.submit(adjustment(quantity=-1))
    return log


def test_an_untouched_log_verifies(five):
    assert five.verify() is None
    assert five.verify(five.head()) is None


@pytest.mark.parametrize(
    "statement",
    [
        "update command_log set payload = '{}' where sequence = 2",
        "delete from command_log where sequence = 5",
        "delete from command_log",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(five, database_url, statement):
    with pytest.raises(sa.exc.DBAPIError, match="never changed or removed"):
        run_sql(database_url, statement)
    assert len(five.entries()) == 5


def test_postgresql_refuses_to_truncate(five, database_url):
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has no truncate")
    with pytest.raises(sa.exc.DBAPIError, match="never changed or removed"):
        run_sql(database_url, "truncate command_log")
    assert len(five.entries()) == 5


@pytest.mark.parametrize("verb", ["insert or replace", "insert or ignore", "replace"])
@pytest.mark.parametrize("sequence", ["sequence", "6"])
def test_sqlite_cannot_be_talked_into_replacing_an_entry(
    open_log, tmp_path, adjustment, verb, sequence
):
    url = f"sqlite:///{tmp_path / 'commands.sqlite'}"
    log = open_log(url)
    for _ in range(5):
        log.submit(adjustment(quantity=-1))
    before = log.entries()
    with pytest.raises(sa.exc.DBAPIError, match="command_log"):
        run_sql(
            url,
            f"{verb} into command_log select {sequence}, command_id, command_type, target_id, "
            "subject, '{}', actor, role, reason, submitted_at, needs_approval, previous_hash, hash "
            "from command_log where sequence = 2",
        )
    assert log.entries() == before


def insert(entry, **columns):
    plain = entry.content() | {"hash": entry.hash, "target_id": None, "subject": None}
    return LOG.insert().values(**plain | columns)


def next_entry(log, **changes):
    last = log.entries()[-1]
    entry = replace(
        last,
        sequence=last.sequence + 1,
        command_id="forged-command",
        previous_hash=last.hash,
        **changes,
    )
    return replace(entry, hash=entry.computed_hash())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sequence": 9}, "sequence must be the next one"),
        ({"previous_hash": "f" * 64}, "previous_hash"),
    ],
)
def test_the_database_refuses_an_entry_outside_the_chain(five, database_url, changes, message):
    with pytest.raises(sa.exc.DBAPIError, match=message):
        run_sql(database_url, insert(next_entry(five), **changes))


def test_the_database_refuses_a_taken_command_id(five, database_url):
    taken = five.entries()[0].command_id
    with pytest.raises(sa.exc.DBAPIError, match="command_id is taken"):
        run_sql(database_url, insert(replace(next_entry(five), command_id=taken)))


def approval(log, target_id, actor):
    return next_entry(
        log,
        command_type=CommandType.APPROVE,
        payload=f'{{"command_id":"{target_id}"}}',
        actor=actor,
        needs_approval=False,
    )


@pytest.mark.parametrize("actor", ["ann", "ANN", " ann "])
def test_direct_sql_cannot_approve_its_own_command(log, adjustment, database_url, actor):
    target = log.submit(adjustment(actor="ann", quantity=-26)).command_id
    with pytest.raises(sa.exc.DBAPIError, match="nobody approves their own"):
        run_sql(database_url, insert(approval(log, target, actor), target_id=target))


def test_direct_sql_cannot_hide_the_target_of_an_approval(log, adjustment, database_url):
    own = log.submit(adjustment(actor="ann", quantity=-26)).command_id
    other = log.submit(adjustment(actor="zoe", quantity=-26)).command_id
    for target_id in (None, other):
        with pytest.raises(sa.exc.DBAPIError):
            run_sql(database_url, insert(approval(log, own, "ann"), target_id=target_id))


def test_direct_sql_cannot_approve_twice_or_what_waits_for_nobody(
    log, adjustment, decision, database_url
):
    small = log.submit(adjustment(quantity=-1, sku="MUG-1")).command_id
    with pytest.raises(sa.exc.DBAPIError, match="waits for approval"):
        run_sql(database_url, insert(approval(log, small, "bob"), target_id=small))
    big = log.submit(adjustment(quantity=-26))
    log.submit(decision(CommandType.REJECT, big))
    with pytest.raises(sa.exc.DBAPIError, match="decided already"):
        run_sql(
            database_url, insert(approval(log, big.command_id, "bob"), target_id=big.command_id)
        )


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("update command_log set reason = 'nothing to see' where sequence = 3", 3),
        ("update command_log set needs_approval = not needs_approval where sequence = 2", 2),
        ("update command_log set submitted_at = '2020-01-01T00:00:00Z' where sequence = 1", 1),
        ("delete from command_log where sequence = 3", 3),
        ("update command_log set sequence = 99 where sequence = 1", 1),
    ],
)
def test_tampering_shows_at_the_first_bad_entry(five, database_url, statement, first_bad):
    run_sql(database_url, statement, guarded=False)
    bad = five.verify()
    assert bad is not None
    assert bad.sequence == first_bad


def test_swapped_entries_show(five, database_url):
    run_sql(database_url, "update command_log set sequence = 99 where sequence = 2", guarded=False)
    run_sql(database_url, "update command_log set sequence = 2 where sequence = 3")
    run_sql(database_url, "update command_log set sequence = 3 where sequence = 99")
    assert five.verify().sequence == 2


def test_an_inserted_entry_shows(five, database_url):
    shift = "update command_log set sequence = sequence + 100 where sequence > 2"
    run_sql(database_url, shift, guarded=False)
    run_sql(database_url, "update command_log set sequence = sequence - 99 where sequence > 100")
    second = five.entries()[1]
    forged = replace(second, sequence=3, command_id="forged-command", previous_hash="e" * 64)
    forged = replace(forged, hash=forged.computed_hash())
    run_sql(database_url, insert(forged))
    assert five.verify().sequence == 3


def test_truncation_shows_against_the_published_head(five, database_url):
    head = five.head()
    run_sql(database_url, "delete from command_log where sequence > 3", guarded=False)
    assert five.verify() is None
    assert five.verify(head).sequence == 4


def test_a_rewritten_log_shows_against_the_published_head(open_log, tmp_path, adjustment):
    original = open_log(f"sqlite:///{tmp_path / 'a.sqlite'}")
    rewritten = open_log(f"sqlite:///{tmp_path / 'b.sqlite'}")
    for quantity in (-1, -2):
        original.submit(adjustment(quantity=quantity))
        rewritten.submit(adjustment(quantity=quantity))
    assert rewritten.verify() is None
    assert rewritten.verify(original.head()).sequence == 2


def test_an_empty_log_verifies_and_has_a_head(log):
    assert log.verify() is None
    assert log.head() == Head(0, "0" * 64)


def append_and_fail(store, entry):
    with store.writing() as connection:
        rows.append(connection, entry, RecordAdjustment.model_validate_json(entry.payload))
        raise InterruptedError


def test_a_write_that_fails_half_way_leaves_nothing(log, database_url, adjustment):
    log.submit(adjustment())
    store = Store(database_url)
    with pytest.raises(InterruptedError):
        append_and_fail(store, next_entry(log))
    store.close()
    assert len(log.entries()) == 1
