"""Raw tables: one asset per landed feed, and landing's own accounts."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project.lib.home import Home
from dagster_project.lib.intake import Intake, take_in
from dagster_project.lib.stages import stage
from ingestion.contracts.feeds import FEEDS
from ingestion.landing.sources import SourceError

ACCOUNTS = {
    "batches": "One row per landed file.",
    "quarantine": "One row per quarantined record.",
    "sources": "One row per connected source.",
}
GRAINS = ACCOUNTS | {
    name: f"One row per landed row of the feed {name}, keyed by {', '.join(feed.key)}."
    for name, feed in FEEDS.items()
}


@dg.multi_asset(
    name="land_and_load",
    specs=[
        dg.AssetSpec(
            ["raw", name],
            description=grain,
            group_name="landing",
            owners=["team:landing"],
            kinds={"duckdb", "parquet"},
        )
        for name, grain in GRAINS.items()
    ],
    pool="warehouse",
    retry_policy=dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL),
)
def landed(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Export new commands, land what was dropped, load what was landed."""
    with stage(home.settings, "land and load", context.run_id) as current:
        try:
            intake = take_in(home.settings, home.now)
        except SourceError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        current.rows, current.unit = intake.physical_count, "records"
    yield from _results(intake)


def _results(intake: Intake) -> Iterator[dg.MaterializeResult[Any]]:
    counts = intake.counts()
    for name in GRAINS:
        ends = counts.get(name, {})
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["raw", name]), metadata=dict(ends))
