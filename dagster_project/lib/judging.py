"""From judgements to what Dagster and people see of them."""

from collections.abc import Sequence
from datetime import datetime

import dagster as dg

from dagster_project.lib.alerts import Alert
from expectations.checks import CheckResult, Suite
from ingestion.contracts.vocabulary import Severity

DAGSTER_SEVERITY = {
    Severity.BLOCKING: dg.AssetCheckSeverity.ERROR,
    Severity.WARNING: dg.AssetCheckSeverity.WARN,
    Severity.INFO: dg.AssetCheckSeverity.WARN,
}


def check_specs(suites: Sequence[Suite]) -> list[dg.AssetCheckSpec]:
    """Return one asset check per check of the suites; the blocking ones hold back what follows."""
    return [
        dg.AssetCheckSpec(
            name=check.name,
            asset=dg.AssetKey(suite.asset.split("/")),
            description=f"{check.meaning} {check.next_step}",
            blocking=check.severity is Severity.BLOCKING,
        )
        for suite in suites
        for check in suite.checks
    ]


def as_asset_check(result: CheckResult) -> dg.AssetCheckResult:
    """Return the result as Dagster shows it."""
    return dg.AssetCheckResult(
        passed=result.passed,
        asset_key=dg.AssetKey(result.asset.split("/")),
        check_name=result.check_name,
        severity=DAGSTER_SEVERITY[result.severity],
        description=result.detail,
        metadata={"observed": result.observed, "suite": result.suite},
    )


def alert_of(blocking: Sequence[CheckResult], at: datetime) -> Alert:
    """Return the one alert for all checks that stop this publication."""
    first = blocking[0]
    others = f" and {len(blocking) - 1} more" if len(blocking) > 1 else ""
    return Alert(
        Severity.BLOCKING,
        f"Publication stopped: {first.asset} fails {first.check_name}{others}",
        " ".join(f"{result.asset}: {result.detail}" for result in blocking),
        "The last good generation stays up. Mend the source or the model that the check names, "
        "then run `truestock run`.",
        at,
    )
