"""Time zones: those that everything here can compute with."""

from functools import lru_cache
from zoneinfo import available_timezones

import duckdb


@lru_cache
def known_zones() -> tuple[str, ...]:
    """Return the IANA time zones, spelled as IANA does, that both Python and DuckDB know.

    DuckDB alone also takes abbreviations like IST and BST, which name several zones.
    """
    with duckdb.connect() as connection:
        names = connection.execute("select name from pg_timezone_names()").fetchall()
    return tuple(sorted(available_timezones() & {name for (name,) in names}))
