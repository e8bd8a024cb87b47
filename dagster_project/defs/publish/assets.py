"""The published generation."""

from typing import Any

import dagster as dg

from dagster_project.defs.transform.assets import derived
from dagster_project.lib.home import Home
from dagster_project.lib.release import release
from dagster_project.lib.stages import stage


@dg.asset(
    key=["published", "generation"],
    deps=[key for key in derived.keys if key.path[0] == "main"],
    group_name="publish",
    owners=["team:marts"],
    kinds={"duckdb", "parquet"},
    pool="warehouse",
    retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
)
def generation(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult[Any]:
    """One published state of everything in the warehouse's schema main."""
    with stage(home.settings, "publish", context.run_id) as current:
        published = release(home.settings, context.run_id, home.now())
        current.rows, current.unit = len(published.manifest["relations"]), "relations"
    return dg.MaterializeResult(metadata={"generation": published.number})
