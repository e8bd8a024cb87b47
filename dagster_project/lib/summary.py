"""What a run came to, read back from what it published."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from ingestion.generations import open_current
from ingestion.settings import Settings
from ingestion.spans import DAYS, DEFINED, ROLLED

DAYS_SHOWN = 28

RATIOS = f"""
    {DAYS},
    spans as (
        select metric, variant, {ROLLED} as value
        from days where grain = 'day' and span = 'current'
        group by metric, variant
    )
    select title, spans.value, targets.target::double as target
    from {DEFINED}
    -- left: what was not measured in the span has no value in it
    left join spans
        on definitions.metric = spans.metric and definitions.variant = spans.variant
    where is_headline and unit = 'ratio'
    order by title
"""
LAST_MEASURED = """
    select max(period) from kpi_values semi join (
        from kpi_definitions where is_headline and unit = 'ratio'
    ) as ratios using (metric, variant)
    where grain = 'day' and value is not null
"""
COUNTS = """
    select
        sum(physical_count)::bigint, sum(loaded_count)::bigint,
        sum(duplicate_count)::bigint, sum(quarantined_count)::bigint
    from meta_batches
"""


@dataclass(frozen=True)
class Headline:
    """One headline ratio over the last DAYS_SHOWN days; None when there was nothing to measure."""

    title: str
    value: float | None
    target: float | None


@dataclass(frozen=True)
class Summary:
    """The current generation in a few numbers; records are those of all batches so far.

    The headlines are of the days that end with `last_on`, as in the tower; `last_measured_on` is
    the newest day with one of them, None when none was ever measured.
    """

    generation: int
    physical_count: int
    loaded_count: int
    duplicate_count: int
    quarantined_count: int
    movement_count: int
    last_on: date | None
    last_measured_on: date | None
    headlines: tuple[Headline, ...]


def summarise(settings: Settings) -> Summary:
    """Return the current generation in a few numbers; raises NoGenerationError."""
    generation, connection = open_current(settings)
    with connection:
        counts = _one(connection, COUNTS)
        (movement_count,) = _one(connection, "select count(*) from fct_stock_movements")
        (last_on,) = _one(connection, DAYS + "select last_on from horizon", {"days": DAYS_SHOWN})
        (last_measured_on,) = _one(connection, LAST_MEASURED)
        ratios = connection.execute(RATIOS, {"days": DAYS_SHOWN}).fetchall()
    return Summary(
        generation.number,
        *(count or 0 for count in counts),
        movement_count=movement_count,
        last_on=last_on,
        last_measured_on=last_measured_on,
        headlines=tuple(Headline(*row) for row in ratios),
    )


def _one(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, int] | None = None
) -> tuple[Any, ...]:
    return connection.execute(sql, parameters or {}).fetchall()[0]
