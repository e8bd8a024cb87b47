"""One thing has one name, however a system spells it (promise T7)."""

import unicodedata

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts.feeds import FEEDS
from ingestion.landing.checking import Check, Stamp
from tests.integration.truths.homes import AT, query
from tests.integration.truths.spellings import SKU, SPELLINGS

CHECK = Check(FEEDS["products"], ("row_number", "sku"), Stamp("b", "s", "UTC", AT, AT))


def test_all_spellings_of_a_sku_are_one_balance(straight):
    assert query(
        straight,
        "select location_id, sku, lot_id, quantity from fct_stock_balances "
        "where location_id = 'SPELT' and state = 'available'",
    ) == [("SPELT", SKU, "LÖT", len(SPELLINGS))]


def test_the_archive_keeps_every_spelling_as_it_came(straight):
    archived = b"".join(path.read_bytes() for path in straight.archive.rglob("*") if path.is_file())
    assert [how for how, spelling in SPELLINGS.items() if spelling.encode() not in archived] == []


def canonical(*spellings: str) -> list[str | None]:
    """The SKUs that landing makes of these spellings; None where nothing is left of one."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table mapped as "
            "select unnest(range(len($1))) as row_number, unnest($1::varchar[]) as sku",
            [spellings],
        )
        rows = f"select sku from ({CHECK.rows_sql('mapped')}) order by row_number"
        return [sku for (sku,) in connection.execute(rows).fetchall()]


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@settings(max_examples=20, deadline=None)
@given(spellings=st.lists(texts, min_size=1, max_size=50))
def test_the_rule_is_one_rule_whatever_the_text(spellings):
    names = canonical(*spellings)

    for form in ("NFC", "NFD"):
        assert canonical(*(unicodedata.normalize(form, text) for text in spellings)) == names
    assert canonical(*(f" \u200b{text}\u2069\u00a0 " for text in spellings)) == names
    kept = [name for name in names if name is not None]
    assert canonical(*kept) == kept
    assert all(unicodedata.is_normalized("NFC", name) for name in kept)
