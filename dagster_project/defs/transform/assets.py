"""dbt's seeds, models and data tests as assets and checks."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from dagster_project.lib.dbt_build import (
    build_arguments,
    build_error,
    ensure_manifest,
    environment,
)
from dagster_project.lib.home import Home
from dagster_project.lib.release import claim_build
from dagster_project.lib.stages import stage
from dagster_project.lib.translation import WarehouseTranslator


@dbt_assets(
    manifest=ensure_manifest(),
    dagster_dbt_translator=WarehouseTranslator(),
    pool="warehouse",
    name="dbt_build",
)
def derived(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
    """Derive the ledger and everything above it."""
    os.environ.update(environment(home.settings))
    with stage(home.settings, "dbt build", context.run_id) as current:
        claim_build(home.settings, context.run_id)
        current.unit = "nodes"
        invocation = dbt.cli(
            build_arguments(), context=context, target_path=home.settings.root / "dbt_target"
        )
        try:
            for event in invocation.stream():
                current.rows += 1
                yield event
        except DagsterDbtCliRuntimeError as error:
            raise build_error(_results(invocation), home.settings) or error from error


def _results(invocation: DbtCliInvocation) -> Mapping[str, Any]:
    try:
        return invocation.get_artifact("run_results.json")
    except FileNotFoundError:  # it broke before any node
        return {}
