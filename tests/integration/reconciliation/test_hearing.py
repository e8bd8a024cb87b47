"""A company whose systems number each table by itself, whose shop never hears of transfers, and
whose books post one sum for goods that came in two batches."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.attribution import reconcile
from ingestion.settings import Settings
from tests.dbt import TARGET

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
SKUS = [f"TEA-{number}" for number in range(1, 7)]
WEEKS = 4


def at(days: float) -> str:
    return (START + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Company:
    """Feeds by system, each row recorded a minute after it happened and numbered per feed."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[dict[str, object]]] = {}

    def tell(self, system: str, feed: str, days: float, /, **row: object) -> None:
        rows = self.rows.setdefault((system, feed), [])
        lineage = {"source_system": system, "source_event_key": len(rows) + 1}
        rows.append(lineage | {"recorded_at": at(days + 1 / 1440)} | row)

    def drop(self, folder: Path) -> None:
        for (system, feed), rows in self.rows.items():
            path = folder / system / f"{feed}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


def trade() -> Company:
    company = Company()
    for sku in SKUS:
        company.tell("erp", "products", -9, sku=sku, title=sku, unit_cost=2, currency="EUR")
    for place in ("hub", "store"):
        company.tell("erp", "locations", -9, location_id=place, name=place, kind="warehouse")
    company.tell("erp", "system_of_record", -9, event_type="*", location_id="*", system="wms")
    for week in range(WEEKS):
        for number, sku in enumerate(SKUS):
            _week(company, 7 * week + number / 100, week, number, sku)
    return company


def _week(company: Company, day: float, week: int, number: int, sku: str) -> None:
    """Ten units come in two batches, a unit is shipped, a few go to the store; then all claim."""
    po, order = f"PO-{week}-{number}", f"SO-{week}-{number}"
    for part in range(2):
        batch = {"event_type": "received", "po_id": po, "po_line_id": 1, "sku": sku, "quantity": 5}
        happened = day + part / 24
        for system in ("wms", "shop"):
            company.tell(
                system, "receipts", happened, occurred_at=at(happened), location_id="hub", **batch
            )
    shipped = {"event_type": "shipped", "order_id": order, "line_id": 1, "sku": sku, "quantity": 1}
    for system in ("wms", "shop"):
        company.tell(
            system, "fulfilment_events", day + 1, occurred_at=at(day + 1), location_id="hub",
            **shipped,
        )  # fmt: skip
    moved = 1 + number % 3
    transfer = {"transfer_id": f"T-{week}-{number}", "sku": sku, "quantity": moved}
    for event, happened in (("shipped", day + 2), ("received", day + 2.5)):
        company.tell(
            "wms", "transfers", happened, occurred_at=at(happened), event_type=event,
            from_location_id="hub", to_location_id="store", **transfer,
        )  # fmt: skip
    for kind, reference, quantity, happened in (
        ("receipt", po, 10, day + 0.5), ("shipment", order, -1, day + 1.5),
    ):  # fmt: skip
        company.tell(
            "books", "postings", happened, posting_id=f"{kind}-{reference}", sku=sku,
            posted_at=at(happened), reference_type=kind, reference_id=reference,
            quantity=quantity, amount=2 * quantity,
        )  # fmt: skip
    for system, place, kind, quantity in (
        ("shop", "hub", "available", 9 * (week + 1)), ("shop", "store", "available", 0),
        ("books", "", "booked", 9 * (week + 1)),
    ):  # fmt: skip
        company.tell(
            system, "stock", day + 6, system=system, as_of=at(day + 6), sku=sku,
            quantity_kind=kind, quantity=quantity, location_id=place,
        )  # fmt: skip


@pytest.fixture(scope="module")
def reconciled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("hearing") / "home")
    trade().drop(settings.drop / "native")
    reconcile(settings, TARGET)
    return settings


def ask(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_what_a_system_never_hears_of_is_missing_in_all_its_claims(reconciled: Settings) -> None:
    claimed = ask(
        reconciled,
        "select location_id, sum(variance_quantity) from recon_variances where system = 'shop' "
        "group by all order by all",
    )
    found = ask(
        reconciled,
        "select location_id, cause, sum(quantity) from recon_causes where system = 'shop' "
        "group by all order by all",
    )
    assert [quantity != 0 for _, quantity in claimed] == [True, True]
    assert found == [(place, "missing_transfer", quantity) for place, quantity in claimed]


def test_a_sum_that_is_posted_for_two_batches_ties(reconciled: Settings) -> None:
    assert ask(reconciled, "select count(*) from recon_causes where system = 'books'") == [(0,)]


def test_evidence_names_one_event_though_every_table_counts_from_one(reconciled: Settings) -> None:
    named = ask(
        reconciled,
        "select distinct unnest(evidence) as evidence_id from recon_causes order by all",
    )
    transfers = ask(reconciled, "select count(*) from staging.stg_landing__transfers")
    assert [(len(named),)] == transfers
    assert all(str(one[0]).startswith("wms:transfers.") for one in named)
