"""Judging: run suites over the warehouse and keep their results in it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from expectations import results
from expectations.checks import CheckResult, Suite
from expectations.suites.feeds import landing_suites
from expectations.suites.kpis import kpi_suites
from expectations.suites.ledger import ledger_suites
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse


class Which(StrEnum):
    """When a suite is judged: after the load, or after the build."""

    LANDING = "landing"
    BUILT = "built"


def suites(which: Which) -> tuple[Suite, ...]:
    """Return the suites judged at that moment."""
    return landing_suites() if which is Which.LANDING else (*ledger_suites(), *kpi_suites())


def run_suites(settings: Settings, which: Which, now: Callable[[], datetime]) -> list[CheckResult]:
    """Judge, keep the results in meta.checks, and return how every check stands.

    A feed's suite is run over the batches it has not passed yet; without any, its last results
    stand. A suite whose checks are others than last time is run over everything. Batches that fail
    a blocking check stay unjudged, so they are judged again next time.
    """
    due = _due(settings, suites(which))
    at = now()
    judged = _judge(settings, [suite for suite, _ in due], at) if due else []
    with open_warehouse(settings) as connection:
        results.replace(connection, judged)
        failed = {result.suite for result in judged if result.is_blocking}
        for suite, batches in due:
            if suite.name not in failed:
                results.note_judged(connection, suite.name, batches)
        return results.latest(connection, [suite.name for suite in suites(which)])


def _due(settings: Settings, wanted: Sequence[Suite]) -> list[tuple[Suite, list[str]]]:
    """Return each suite that has something to judge, narrowed to the batches it is about."""
    due: list[tuple[Suite, list[str]]] = []
    with open_warehouse(settings) as connection:
        results.ensure_meta(connection)
        known = {(result.suite, result.check_name) for result in results.latest(connection)}
        for suite in wanted:
            batches = [] if suite.feed is None else results.unjudged(connection, suite)
            checks = {check_name for name, check_name in known if name == suite.name}
            if suite.feed is None or checks != {check.name for check in suite.checks}:
                due.append((suite, batches))
            elif batches:
                due.append((results.narrowed(suite), batches))
    return due


def _judge(settings: Settings, due: Sequence[Suite], at: datetime) -> list[CheckResult]:
    from expectations.engine import judging  # noqa: PLC0415 - Great Expectations is slow to import

    with judging(settings) as judge:
        return [result for suite in due for result in judge(suite, at)]
