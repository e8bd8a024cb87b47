"""Publication: the warehouse's public relations become generation N, or nothing changes.

A generation is built beside the others, made durable, renamed into place, and only then named by
the pointer CURRENT. A reader sees the old one whole or the new one whole; a killed publication
leaves a `.building-` folder that the next one removes.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib import months
from ingestion.generations import DATABASE, LOCK, MANIFEST, POINTER, Generation, retire
from ingestion.settings import Settings

BUILDING = ".building-"


class PublicationError(RuntimeError):
    """A generation could not be published; the last one stays current."""


@dataclass(frozen=True)
class Relation:
    """One relation to publish: a SELECT over the warehouse, whole or by month of a timestamp.

    A view stays a view, over the other relations of its generation. With `first_by`, a key, each
    row also says in `generation` which generation was the first to hold it: null where it was there
    before anybody kept that.
    """

    name: str
    query: str
    partition_by: str | None = None
    is_view: bool = False
    first_by: str | None = None


@dataclass(frozen=True)
class Edition:
    """What a generation says about itself besides its relations."""

    published_at: datetime
    run_id: str
    command_log_head: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


def published_relations(manifest: Mapping[str, Any]) -> tuple[Relation, ...]:
    """Return what dbt's manifest says belongs to a generation: everything it builds in `main`."""
    nodes = (
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["schema"] == "main"
    )
    return tuple(
        Relation(
            node["name"],
            f'select * from main."{node["alias"]}"',
            node["config"].get("meta", {}).get("months_of"),
            node["config"].get("materialized") == "view",
        )
        for node in sorted(nodes, key=lambda node: node["name"])
    )


def publish(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    relations: Sequence[Relation],
    edition: Edition,
) -> Generation:
    """Publish `relations` as the next generation and return it.

    Months whose rows are unchanged are hard-linked from the generation before, so that the cost
    follows what changed. Raises PublicationError (a full disk, a missing relation): CURRENT then
    still names the last good generation.
    """
    settings.published.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(settings)
    previous = _latest(settings)
    number = previous.number + 1 if previous else 1
    building = settings.published / f"{BUILDING}{number}"
    try:
        building.mkdir()
        (building / LOCK).touch()
        manifest = _build(connection, building, number, relations, edition, previous)
        _write_durably(building / MANIFEST, json.dumps(manifest, indent=1))
        _sync_tree(building)
        target = settings.published / str(number)
        building.rename(target)
        _point_at(settings, number)
    except (OSError, duckdb.Error) as error:
        shutil.rmtree(building, ignore_errors=True)
        raise PublicationError(
            f"Generation {number} could not be published: {error}. "
            "The last good generation stays up; free the disk or mend the relation, then run again."
        ) from error
    _retire(settings, number)
    return Generation(number, target)


def _build(
    connection: duckdb.DuckDBPyConnection,
    building: Path,
    number: int,
    relations: Sequence[Relation],
    edition: Edition,
    previous: Generation | None,
) -> dict[str, Any]:
    partitioned: dict[str, dict[str, str]] = {}
    connection.execute(f"attach '{_quoted(building / DATABASE)}' as edition")
    connection.execute(f"set file_search_path = '{_quoted(building)}'")
    try:
        for relation in (one for one in relations if not one.is_view):
            exported = _add_months(connection, building, relation, previous)
            if exported:
                partitioned[relation.name] = exported
            else:
                query = _with_first(connection, relation, number, previous)
                connection.execute(f'create table edition.main."{relation.name}" as {query}')
        _add_generation(connection, number, edition)
        views = _add_views(connection, relations)
        macros = _copy_macros(connection)
    finally:
        connection.execute("reset file_search_path")
        connection.execute("detach edition")
    return {
        "generation": number,
        "published_at": edition.published_at.isoformat(),
        "run_id": edition.run_id,
        "command_log_head": edition.command_log_head,
        "relations": [*(relation.name for relation in relations), "meta_generation"],
        "partitioned": partitioned,
        "views": views,
        "macros": macros,
        **edition.facts,
    }


def _add_months(
    connection: duckdb.DuckDBPyConnection,
    building: Path,
    relation: Relation,
    previous: Generation | None,
) -> dict[str, str]:
    """Export a partitioned relation month by month; {} when it is whole or empty."""
    if relation.partition_by is None:
        return {}
    known = previous.manifest["partitioned"].get(relation.name, {}) if previous else {}
    found = months.fingerprinted(connection, relation.query, relation.partition_by)
    for month in found:
        folder = building / relation.name / f"month={month.label}"
        before = previous.path / relation.name / folder.name if previous else None
        if before is not None and months.is_same(known, month, before):
            months.link(before, folder)
        else:
            months.export(
                connection, folder, month, query=relation.query, timestamp=relation.partition_by
            )
    if found:
        # relative, so that a plain DuckDB client in the generation's folder reads it too
        connection.execute(
            f'create view edition.main."{relation.name}" as '
            f"from read_parquet('{relation.name}/*/*.parquet', hive_partitioning = false)"
        )
    return {month.label: month.fingerprint for month in found}


def _with_first(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    number: int,
    previous: Generation | None,
) -> str:
    """Return the relation's query with the generation that held each row first, where asked for."""
    key = relation.first_by
    if key is None:
        return relation.query
    connection.execute(f"create or replace temporary table earlier as {relation.query} limit 0")
    connection.execute("alter table earlier add column generation bigint")
    if previous is not None and relation.name not in previous.manifest["relations"]:
        connection.execute(f"insert into earlier by name {relation.query}")
    elif previous is not None:
        connection.execute(f"attach '{_quoted(previous.path / DATABASE)}' as before (read_only)")
        connection.execute(f'insert into earlier by name from before.main."{relation.name}"')
        connection.execute("detach before")
    return f"""
        select held.*, case when earlier.{key} is null then {number}::bigint
                else earlier.generation end as generation
        from ({relation.query}) as held left join earlier using ({key})
    """


def _add_views(
    connection: duckdb.DuckDBPyConnection, relations: Sequence[Relation]
) -> dict[str, str]:
    """Re-create the warehouse's views over the generation alone; returns their SELECTs."""
    names = [relation.name for relation in relations if relation.is_view]
    if not names:
        return {}
    found = connection.execute(
        """
        select view_name, sql, database_name from duckdb_views()
        where database_name = current_database() and schema_name = 'main'
            and list_contains($1, view_name)
        """,
        [names],
    ).fetchall()
    if missing := set(names) - {name for name, _, _ in found}:
        raise duckdb.CatalogException(f"the warehouse lacks the views {sorted(missing)}")
    selects = {name: sql.partition(" AS ")[2].rstrip().rstrip(";") for name, sql, _ in found}
    connection.execute("use edition.main")
    try:
        for name, select in selects.items():
            connection.execute(f'create view "{name}" as {select}')
    finally:
        connection.execute(f'use "{found[0][2]}".main')
    return selects


def _add_generation(connection: duckdb.DuckDBPyConnection, number: int, edition: Edition) -> None:
    connection.execute(
        """
        create table edition.main.meta_generation as
        select
            $number::bigint as generation,
            $run_id::varchar as run_id,
            $head::varchar as command_log_head,
            $at::timestamp as published_at
        """,
        {
            "number": number,
            "run_id": edition.run_id,
            "head": edition.command_log_head,
            "at": edition.published_at.replace(tzinfo=None),
        },
    )


def _copy_macros(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Copy the warehouse's own table macros; returns what re-creates them elsewhere."""
    macros = connection.execute(
        """
        select function_name, parameters, macro_definition
        from duckdb_functions()
        where
            not internal
            and function_type = 'table_macro'
            and schema_name = 'main'
            and database_name = current_database()
        order by function_name
        """
    ).fetchall()
    statements: list[str] = []
    for name, parameters, definition in macros:
        signature = f'"{name}"({", ".join(parameters)}) as table {definition}'
        connection.execute(f"create macro edition.main.{signature}")
        statements.append(f"create macro {signature}")
    return statements


def _latest(settings: Settings) -> Generation | None:
    numbers = [int(path.name) for path in settings.published.iterdir() if path.name.isdigit()]
    return Generation(max(numbers), settings.published / str(max(numbers))) if numbers else None


def _remove_leftovers(settings: Settings) -> None:
    for path in settings.published.glob(f"{BUILDING}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _retire(settings: Settings, newest: int) -> None:
    """Remove generations beyond the last k, except those somebody still reads."""
    for path in settings.published.iterdir():
        if not path.name.isdigit() or int(path.name) > newest - settings.keep_generations:
            continue
        retired = settings.published / f"{BUILDING}retired-{path.name}"
        if retire(Generation(int(path.name), path), retired):
            shutil.rmtree(retired)


def _point_at(settings: Settings, number: int) -> None:
    _write_durably(settings.published / f"{BUILDING}pointer", f"{number}\n")
    (settings.published / f"{BUILDING}pointer").replace(settings.published / POINTER)
    _sync(settings.published)


def _write_durably(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_tree(root: Path) -> None:
    for path in [*root.rglob("*"), root]:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
