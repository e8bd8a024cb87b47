"""A small real warehouse to publish from."""

from datetime import UTC, datetime, timedelta

import pytest

from dagster_project.lib.publication import Edition, Relation, publish
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse

FIRST_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
RELATIONS = (
    Relation("fct_moves", "select * from main.fct_moves", "occurred_at"),
    Relation("dim_products", "select * from main.dim_products"),
)


class Press:
    """A home with a small warehouse, and the short way to publish it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.write("create table main.fct_moves (sku varchar, quantity int, occurred_at timestamp)")
        self.write("create table main.dim_products as select 'A' as sku, 1 as edition")
        self.write("create macro main.twice(rows_of) as table (from query_table(rows_of))")
        self.move("A", 5, "2026-01-10")
        self.move("B", 7, "2026-02-10")

    def write(self, sql: str) -> None:
        with open_warehouse(self.settings) as connection:
            connection.execute(sql)

    def move(self, sku: str, quantity: int, on: str | None) -> None:
        instant = f"timestamp '{on}'" if on else "null"
        self.write(f"insert into main.fct_moves values ('{sku}', {quantity}, {instant})")

    def publish_also(self, *relations: Relation):
        return self.publish(*RELATIONS, *relations)

    def publish(self, *relations: Relation):
        with open_warehouse(self.settings) as connection:
            at = FIRST_AT + timedelta(minutes=1)
            return publish(
                connection, self.settings, relations or RELATIONS, Edition(at, "run", "0:0")
            )


@pytest.fixture
def press(tmp_path) -> Press:
    return Press(Settings.model_validate({"home": tmp_path, "keep_generations": 3}))
