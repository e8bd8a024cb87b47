"""The gate before publication; dbt's manifest is read, its models are not built here."""

from datetime import UTC, datetime

import pytest

from dagster_project.lib.release import BlockedError, RebuiltError, claim_build, release
from expectations import results
from expectations.checks import CheckResult
from ingestion.contracts.vocabulary import Severity
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    made = Settings.model_validate({"home": tmp_path})
    claim_build(made, "run-1")
    with open_warehouse(made) as connection:
        results.ensure_meta(connection)
    return made


def judge(settings, severity):
    failed = CheckResult(
        "kpis", "finite", "main/kpi_values", severity,
        passed=False, observed="inf", detail="No.", checked_at=AT,
    )  # fmt: skip
    with open_warehouse(settings) as connection:
        results.replace(connection, [failed])


def test_a_blocking_failure_is_refused_by_name_with_what_to_do(settings):
    judge(settings, Severity.BLOCKING)
    with pytest.raises(BlockedError, match=r"main/kpi_values \(finite\).*then run `truestock run`"):
        release(settings, "run-1", AT)
    assert not settings.published.exists()


def test_a_build_of_another_run_is_refused(settings):
    claim_build(settings, "run-2")
    with pytest.raises(RebuiltError, match="run-2"):
        release(settings, "run-1", AT)
    assert not settings.published.exists()
