"""Great Expectations suites as asset checks: after the load, and before publication."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.lib.alerts import raise_alert, store_alerts
from dagster_project.lib.home import Home
from dagster_project.lib.judging import alert_of, as_asset_check, check_specs
from dagster_project.lib.stages import stage, tell_waiting
from expectations.runner import Which, run_suites, suites
from ingestion.warehouse import exclusive, open_warehouse


def _judged(
    context: dg.AssetCheckExecutionContext, home: Home, which: Which
) -> Iterator[dg.AssetCheckResult]:
    with stage(home.settings, f"judge {which}", context.run.run_id) as current:
        results = run_suites(home.settings, which, home.now)
        current.rows, current.unit = len(results), "checks"
    blocking = [result for result in results if result.is_blocking]
    if blocking:
        raise_alert(home.settings, alert_of(blocking, home.now()))
        with (
            exclusive(home.settings, say=tell_waiting),
            open_warehouse(home.settings) as connection,
        ):
            store_alerts(connection, home.settings)
    yield from map(as_asset_check, results)


@dg.multi_asset_check(
    name="judge_feeds", specs=check_specs(suites(Which.LANDING)), pool="warehouse"
)
def feeds_judged(
    context: dg.AssetCheckExecutionContext, home: Home
) -> Iterator[dg.AssetCheckResult]:
    """Judge what was landed."""
    yield from _judged(context, home, Which.LANDING)


@dg.multi_asset_check(
    name="judge_ledger_and_metrics", specs=check_specs(suites(Which.BUILT)), pool="warehouse"
)
def build_judged(
    context: dg.AssetCheckExecutionContext, home: Home
) -> Iterator[dg.AssetCheckResult]:
    """Judge what was derived."""
    yield from _judged(context, home, Which.BUILT)
