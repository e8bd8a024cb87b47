"""Release: what goes into a generation, and the gate before it."""

import json
from datetime import datetime

import duckdb

from dagster_project.lib.alerts import announce, record_alert, store_alerts
from dagster_project.lib.dbt_build import ensure_manifest
from dagster_project.lib.inbox import new_exceptions_alert
from dagster_project.lib.publication import Edition, Relation, publish, published_relations
from dagster_project.lib.stages import ensure_stages
from ingestion.commands.log import open_command_log
from ingestion.generations import Generation
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

META = (
    Relation("fct_alerts", "select * from meta.alerts"),
    Relation("meta_checks", "select * from meta.checks"),
    Relation("meta_stages", "select * from meta.stages"),
    Relation(
        "meta_commands_applied",
        "select command_id from main.fct_commands where status = 'approved'",
        first_by="command_id",
    ),
)


class BlockedError(RuntimeError):
    """A blocking check has failed; nothing may be published."""


class RebuiltError(RuntimeError):
    """Another run rebuilt the warehouse after this one judged it."""


def claim_build(settings: Settings, run_id: str) -> None:
    """Note whose build the warehouse holds from now on, finished or not."""
    with open_warehouse(settings) as connection:
        connection.execute("create schema if not exists meta")
        connection.execute("create or replace table meta.build as select $1 as run_id", [run_id])


def release(settings: Settings, run_id: str, at: datetime) -> Generation:
    """Publish what this run built, and tell in one alert what it brought to the inbox.

    Raises BlockedError while a blocking check fails, RebuiltError when the warehouse holds another
    run's build by now, and PublicationError when the files cannot be written.
    """
    relations = published_relations(json.loads(ensure_manifest().read_text()))
    with open_warehouse(settings) as connection:
        _refuse_when_rebuilt(connection, run_id)
        _refuse_when_blocked(connection)
        alert = new_exceptions_alert(connection, settings)
        if alert is not None:
            record_alert(settings, alert)
        store_alerts(connection, settings)
        ensure_stages(connection)
        edition = Edition(at, run_id, _command_log_head(settings))
        generation = publish(connection, settings, (*relations, *META), edition)
    if alert is not None:
        announce(settings, alert)
    return generation


def _refuse_when_rebuilt(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    built_by = connection.execute("select run_id from meta.build").fetchone()
    if built_by != (run_id,):
        raise RebuiltError(
            f"Run {built_by and built_by[0]} has rebuilt the warehouse since run {run_id} judged "
            "it; that run publishes. Nothing is lost; `truestock run` publishes the newest state."
        )


def _refuse_when_blocked(connection: duckdb.DuckDBPyConnection) -> None:
    failed = connection.execute(
        "select asset, check_name from meta.checks where severity = 'blocking' and not passed"
    ).fetchall()
    if failed:
        names = ", ".join(f"{asset} ({check})" for asset, check in failed)
        raise BlockedError(
            f"Blocking checks fail: {names}. Nothing was published; the last good generation stays "
            "up. Mend what they name, then run `truestock run`."
        )


def _command_log_head(settings: Settings) -> str:
    log = open_command_log(settings)
    try:
        head = log.head()
    finally:
        log.close()
    return f"{head.sequence}:{head.hash}"
