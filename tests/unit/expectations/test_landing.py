import subprocess
import sys
import threading

import pytest

from expectations.runner import Which, suites
from ingestion.contracts.feeds import FEEDS

BATCH = """
    insert into raw.batches
    select '{batch}', 'shop', '{batch}.csv', '', 0, 'channels', {rows}, {rows}, 0, 0, '',
        timestamp '2026-03-01', timestamp '2026-03-01', null
"""
CHANNEL = """
    insert into raw.channels by name
    select
        'web' as channel_id, {kind} as kind, 'shop' as source_system, 'web' as source_event_key,
        timestamp '2026-03-01' as recorded_at, '{batch}' as batch_id, 1 as row_number,
        timestamp '2026-03-01' as ingested_at, '{hash}' as record_hash
"""


def arrive(court, batch, *, kind="'own_shop'", content="h1"):
    """One batch of one channel, as the load leaves it."""
    court.write(BATCH.format(batch=batch, rows=1))
    court.write(CHANNEL.format(batch=batch, kind=kind, hash=content))


def test_every_feed_has_a_suite_with_a_check_on_each_required_column():
    by_feed = {suite.feed: suite for suite in suites(Which.LANDING)}
    for name, feed in FEEDS.items():
        checks = {check.name for check in by_feed[name].checks}
        assert {f"{column}_is_present" for column in feed.required} <= checks


def test_check_names_are_unique_on_each_asset():
    names = [
        (suite.asset, check.name)
        for which in Which
        for suite in suites(which)
        for check in suite.checks
    ]
    assert len(names) == len(set(names))


def test_sound_rows_pass(court):
    arrive(court, "b1")
    assert court.failed(Which.LANDING) == set()


def test_a_check_that_is_new_is_judged_over_what_was_judged_before(court):
    arrive(court, "b1", kind="'kiosk'")
    expected = court.judge(Which.LANDING)
    court.write("insert into meta.judged select 'landing_channels', 'b1'")
    court.write("delete from meta.checks where check_name = 'kind_is_a_known_word'")
    assert court.judge(Which.LANDING) == expected


def test_a_row_may_come_back_later_as_a_statement_of_its_own(court):
    arrive(court, "b1")
    court.write(BATCH.format(batch="b2", rows=1))
    court.write(CHANNEL.format(batch="b2", kind="'own_shop'", hash="h1").replace("03-01", "03-02"))
    assert "every_row_is_loaded_once" not in court.failed(Which.LANDING)


def test_judging_leaves_no_thread_behind(court):
    arrive(court, "b1")
    before = set(threading.enumerate())
    court.judge(Which.LANDING)
    assert set(threading.enumerate()) <= before


def test_a_word_outside_the_vocabulary_fails(court):
    arrive(court, "b1", kind="'kiosk'")
    assert court.failed(Which.LANDING) == {"kind_is_a_known_word"}


def test_a_row_that_was_loaded_before_fails_although_its_batch_holds_it_once(court):
    arrive(court, "b1")
    court.judge(Which.LANDING)
    arrive(court, "b2")
    assert court.failed(Which.LANDING) == {"every_row_is_loaded_once"}


def test_a_batch_that_passed_is_not_judged_again(court):
    arrive(court, "b1")
    court.judge(Which.LANDING)
    court.write("update raw.channels set kind = 'kiosk'")
    arrive(court, "b2", content="h2")
    assert court.failed(Which.LANDING) == set()


def test_a_failed_batch_keeps_failing_until_it_is_mended(court):
    arrive(court, "b1", kind="'kiosk'")
    court.judge(Which.LANDING)
    arrive(court, "b2", content="h2")
    assert court.failed(Which.LANDING) == {"kind_is_a_known_word"}
    court.write("update raw.channels set kind = 'own_shop'")
    assert court.failed(Which.LANDING) == set()


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("every_record_is_accounted_for", "physical_count = 2"),
        ("few_records_are_quarantined", "physical_count = 3, quarantined_count = 2"),
    ],
)
def test_the_accounts_of_a_batch_are_judged(court, check, damage):
    arrive(court, "b1")
    court.write(f"update raw.batches set {damage}")
    assert check in court.failed(Which.LANDING)


def test_a_source_that_falls_silent_is_a_warning(court):
    arrive(court, "b1")
    court.write(
        "insert into raw.sources values ('shop', 'ops', 'UTC', 60, 'wait', 1, 'channels', false)"
    )
    results = [result for result in court.judge(Which.LANDING) if not result.passed]
    assert [result.check_name for result in results] == ["no_source_is_silent"]
    assert not results[0].is_blocking


def test_a_file_of_an_unusual_size_is_a_warning(court):
    for number in range(5):
        court.write(BATCH.format(batch=f"b{number}", rows=100))
    court.write(BATCH.format(batch="b9", rows=3))
    assert "volumes_are_plausible" in court.failed(Which.LANDING)


def test_knowing_the_suites_does_not_load_great_expectations():
    code = "import sys, expectations.runner; print('great_expectations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr
