"""A real published generation out of a few rows, with the columns that dbt's contracts name."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

from app.queries.reader import Reader
from dagster_project.lib.alerts import store_alerts
from dagster_project.lib.publication import Edition, Relation, publish
from dagster_project.lib.release import META
from dagster_project.lib.stages import ensure_stages
from expectations.results import ensure_meta
from ingestion.generations import open_generation
from ingestion.settings import Settings

DBT = Path(__file__).parents[3] / "dbt"
PUBLIC = ("fct_", "dim_", "kpi_", "meta_", "recon_")
PUBLISHED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
META_TABLES = {"meta_checks": "meta.checks", "meta_stages": "meta.stages"}


@cache
def contracts():
    """The published relations' columns and types, as dbt enforces them."""
    models = [
        model
        for path in sorted(DBT.glob("models/**/*.yml"))
        for model in yaml.safe_load(path.read_text()).get("models", [])
    ]
    return {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for model in models
        if model["name"].startswith(PUBLIC) and "columns" in model
    }


def create_warehouse(settings):
    connection = duckdb.connect()
    for name, columns in contracts().items():
        described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create table main.{name} ({described})")
    connection.execute(
        "create table main.kpi_definitions as from read_csv(?)",
        [str(DBT / "seeds/kpi_definitions.csv")],
    )
    for macro in (DBT / "macros/allocation.sql").read_text().split("{% macro create_")[1:]:
        connection.execute(macro.split("-%}", 1)[1].split("{%- endmacro")[0])
    ensure_meta(connection)
    ensure_stages(connection)
    store_alerts(connection, settings)
    return connection


def insert(connection, relation, rows):
    table = META_TABLES.get(relation, f"main.{relation}")
    for row in rows:
        columns = ", ".join(row)
        marks = ", ".join(f"${name}" for name in row)
        connection.execute(f"insert into {table} ({columns}) values ({marks})", row)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def publish_rows(settings):
    """Publishes a generation that holds the given rows, by relation; returns its reader."""

    def publish_(*, published_at=PUBLISHED_AT, run_id="run-1", **rows):
        with create_warehouse(settings) as connection:
            for relation, each in rows.items():
                insert(connection, relation, each)
            names = [*contracts(), "kpi_definitions"]
            relations = [Relation(name, f"select * from main.{name}") for name in names]
            edition = Edition(published_at, run_id)
            generation = publish(connection, settings, (*relations, *META), edition)
        return Reader(generation, open_generation(generation))

    return publish_


@pytest.fixture
def balance():
    """Makes a row of fct_stock_balances."""

    def make(sku="TEE-1", state="available", quantity=5, location_id="east", **columns):
        is_outside = state in {"customer", "supplier", "lost", "found", "opening"}
        return {
            "location_id": location_id,
            "sku": sku,
            "state": state,
            "quantity": quantity,
            "amount": 4 * quantity,
            "is_on_hand": not is_outside and state != "in_transit",
            "is_physical": not is_outside,
            "is_sellable": state == "available",
        } | columns

    return make


@pytest.fixture
def product():
    """Makes a row of dim_products."""

    def make(sku="TEE-1", title="Plain tee", category="Shirts", **columns):
        known = {"unit_cost_amount": 4, "currency": "EUR", "is_lot_tracked": False}
        return {"sku": sku, "title": title, "category": category} | known | columns

    return make


@pytest.fixture
def places():
    """Two locations and two channels."""
    return {
        "dim_locations": [
            {"location_id": "east", "location_name": "East"},
            {"location_id": "west", "location_name": "West"},
        ],
        "dim_channels": [
            {"channel_id": "shop", "channel_name": "Own shop", "channel_priority": 1},
            {"channel_id": "market", "channel_name": "Marketplace", "channel_priority": 2},
        ],
    }


@pytest.fixture
def movement():
    """Makes a row of fct_stock_movements and its two entries."""

    def make(movement_id, occurred_at, from_state, to_state, quantity, **columns):
        shared = {
            "movement_id": movement_id,
            "sku": "TEE-1",
            "movement_type": "shipped",
            "source_system": "wms",
            "source_event_key": f"key-{movement_id}",
            "occurred_at": occurred_at,
            "recorded_at": occurred_at,
            "ingested_at": occurred_at,
        } | columns
        location_id = shared.pop("location_id", "east")
        states = {"from_state": from_state, "to_state": to_state, "quantity": quantity}
        ends = {"from_location_id": location_id, "to_location_id": location_id}
        entry = {name: shared[name] for name in ("movement_id", "sku", "movement_type")}
        entry |= {"occurred_at": occurred_at, "location_id": location_id}
        entries = [
            entry | {"state": from_state, "quantity": -quantity},
            entry | {"state": to_state, "quantity": quantity},
        ]
        return shared | states | ends, entries

    return make


@pytest.fixture
def kpi():
    """Makes a row of kpi_values: one day of one metric."""

    def make(period, numerator, denominator, **columns):
        ratio = numerator / denominator if numerator is not None and denominator else None
        return {
            "metric": "unit_fill_rate",
            "variant": "first_shipment",
            "grain": "day",
            "period": period,
            "numerator": numerator,
            "denominator": denominator,
            "value": ratio,
            "target": 0.97,
            "trust": 1.0,
        } | columns

    return make
