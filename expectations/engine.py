"""Great Expectations at work. It takes seconds to import: import it where judging starts."""

import logging
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import great_expectations.expectations as gxe
import sqlalchemy as sa
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from tqdm import tqdm

from expectations import dialect
from expectations.checks import Check, CheckResult, Suite
from ingestion.contracts.vocabulary import Severity
from ingestion.settings import Settings
from ingestion.warehouse import engine_options

Judge = Callable[[Suite, datetime], list[CheckResult]]

GX_SEVERITIES = {
    Severity.BLOCKING: "critical",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
}
SHOWN_ROWS = 3
SHOWN_CHARACTERS = 500


@contextmanager
def judging(settings: Settings) -> Generator[Judge]:
    """Yield a judge of suites over the warehouse, opened read-only for as long as it judges."""
    dialect.register()
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    tqdm.monitor_interval = 0  # its thread would outlive the judging
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string=_url(settings),
        create_temp_table=False,
    )

    def judge(suite: Suite, at: datetime) -> list[CheckResult]:
        asset = source.add_query_asset(suite.name, query=suite.query)
        batch = asset.add_batch_definition_whole_table("whole").get_batch()
        found = batch.validate(
            gx.ExpectationSuite(
                suite.name, expectations=[_expectation(check, at) for check in suite.checks]
            ),
            result_format={"result_format": "SUMMARY", "partial_unexpected_count": SHOWN_ROWS},
        )
        engine = source.get_execution_engine()
        return [_result(suite, one, at, engine) for one in found.results]

    try:
        yield judge
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _url(settings: Settings) -> str:
    options = {
        name: str(option)
        for name, option in engine_options(settings).items()
        if name != "temp_directory"
    }
    url = sa.URL.create(
        "duckdb+readonly",
        database=str(settings.warehouse),
        query={"access_mode": "read_only", **options},
    )
    return url.render_as_string(hide_password=False).replace("$", r"\$")


def _expectation(check: Check, at: datetime) -> Expectation:
    arguments: dict[str, Any] = {
        name: argument.replace("{now}", f"{at:%Y-%m-%d %H:%M:%S}")
        if isinstance(argument, str)
        else argument
        for name, argument in check.arguments.items()
    }
    build = getattr(gxe, check.expectation)
    return build(**arguments, severity=GX_SEVERITIES[check.severity], meta={"check": check.name})


def _result(
    suite: Suite,
    found: ExpectationValidationResult,
    at: datetime,
    engine: SqlAlchemyExecutionEngine,
) -> CheckResult:
    check = next(check for check in suite.checks if check.name == _config(found).meta["check"])
    observed = _fault(found.exception_info) or _observed(found, suite, engine)
    observed = observed[:SHOWN_CHARACTERS]
    detail = (
        f"It holds that {check.meaning}."
        if found.success
        else f"It does not hold that {check.meaning} (found: {observed}). {check.next_step}"
    )
    return CheckResult(
        suite.name, check.name, suite.asset, check.severity, bool(found.success), observed,
        detail, at,
    )  # fmt: skip


def _config(found: ExpectationValidationResult) -> ExpectationConfiguration:
    return cast("ExpectationConfiguration", found.expectation_config)


def _fault(exception_info: dict[str, Any]) -> str:
    """Return what Great Expectations raised, itself or once per metric; empty when nothing."""
    raised = [exception_info] if "raised_exception" in exception_info else exception_info.values()
    messages = dict.fromkeys(
        str(one["exception_message"]) for one in raised if one["raised_exception"]
    )
    return "could not be judged: " + "; ".join(messages) if messages else ""


def _observed(
    found: ExpectationValidationResult, suite: Suite, engine: SqlAlchemyExecutionEngine
) -> str:
    outcome = found.result
    if "unexpected_count" in outcome:
        count = outcome.get("element_count", "?")
        shown = f"{outcome['unexpected_count']} of {count} row{'' if count == 1 else 's'}"
        samples = outcome.get("partial_unexpected_list")
        return f"{shown}, such as {samples[:SHOWN_ROWS]}" if samples else shown
    query = _config(found).kwargs.get("unexpected_rows_query")
    if query is None:
        return str(outcome.get("observed_value"))
    if found.success:
        return "no rows"
    limited = f"from ({query.format(batch=f'({suite.query}) as subselect')}) limit {SHOWN_ROWS}"
    rows = engine.execute_query(sa.text(limited)).mappings().all()
    samples = "; ".join(", ".join(f"{name} {value}" for name, value in row.items()) for row in rows)
    count = outcome["observed_value"]
    return f"{count} row{'' if count == 1 else 's'}, such as {samples}"
