"""What a run came to, read back from what it published."""

from dataclasses import dataclass

from ingestion.generations import open_current
from ingestion.settings import Settings

DAYS = 28

# The last day with stock on the books; a promise may be measured on a later one.
DAYS_END = "(select max(period) from kpi_values where metric = 'stock_quantity' and grain = 'day')"
RATIOS = f"""
    select definitions.title, definitions.target, sum(numerator) / nullif(sum(denominator), 0)
    from kpi_values inner join kpi_definitions as definitions using (metric, variant)
    where definitions.is_headline and definitions.unit = 'ratio' and grain = 'day'
        and period > {DAYS_END} - {DAYS} and period <= {DAYS_END}
    group by all
    order by definitions.title
"""
STAGES = "select stage, seconds, row_count from meta_stages where run_id = $1 order by started_at"
COUNTS = """
    select
        sum(physical_count)::bigint, sum(loaded_count)::bigint,
        sum(duplicate_count)::bigint, sum(quarantined_count)::bigint
    from meta_batches
"""


@dataclass(frozen=True)
class StageTime:
    """How long one stage took, and how many rows, checks or relations it handled."""

    stage: str
    seconds: float
    rows: int


@dataclass(frozen=True)
class Headline:
    """One headline ratio over the last 28 days; None when there was nothing to measure."""

    title: str
    value: float | None
    target: float | None


@dataclass(frozen=True)
class Summary:
    """The current generation in a few numbers; records are those of all batches so far."""

    generation: int
    physical_count: int
    loaded_count: int
    duplicate_count: int
    quarantined_count: int
    movement_count: int
    headlines: tuple[Headline, ...]


def summarise(settings: Settings) -> Summary:
    """Return the current generation in a few numbers; raises NoGenerationError."""
    generation, connection = open_current(settings)
    with connection:
        counts = connection.execute(COUNTS).fetchone() or (0, 0, 0, 0)
        movements = connection.execute("select count(*) from fct_stock_movements").fetchone()
        ratios = connection.execute(RATIOS).fetchall()
    return Summary(
        generation.number,
        *(count or 0 for count in counts),
        movement_count=movements[0] if movements else 0,
        headlines=tuple(
            Headline(title, None if value is None else float(value), target)
            for title, target, value in ratios
        ),
    )
