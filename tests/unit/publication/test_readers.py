from concurrent.futures import ThreadPoolExecutor
from threading import Event

from ingestion.generations import open_current

READERS = 4
PUBLISHES = 10
BOTH = """
    select
        (select generation from meta_generation),
        (select edition from dim_products),
        (select max(quantity) from fct_moves where sku = 'EDITION'),
        (select count(*) from fct_moves)
"""


def read_until(settings, done):
    """Read generations until told to stop; returns (generation, edition, edition, rows) each."""
    seen = []
    while not done.is_set():
        _, connection = open_current(settings)
        seen.append(connection.execute(BOTH).fetchone())
        connection.close()
    return seen


def publish_edition(press, number):
    press.write(f"update main.dim_products set edition = {number}")
    press.write("delete from main.fct_moves where sku = 'EDITION'")
    press.move("EDITION", number, "2026-02-20")
    return press.publish()


def test_readers_during_publications_are_never_blocked_and_never_see_a_mix(press):
    publish_edition(press, 1)
    done = Event()
    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(read_until, press.settings, done) for _ in range(READERS)]
        for number in range(2, PUBLISHES + 2):
            assert publish_edition(press, number).number == number
        done.set()
        seen = [answer for reader in readers for answer in reader.result()]
    assert len({generation for generation, *_ in seen}) > 1
    assert [answer for answer in seen if answer != (answer[0],) * 3 + (3,)] == []
