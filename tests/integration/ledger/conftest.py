"""Homes whose warehouse is really landed, really loaded and really built."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.landing.land import land_paths
from ingestion.landing.load import load_batches
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate
from ingestion.warehouse import open_warehouse
from tests.dbt import run_dbt

AT = datetime(2026, 9, 2, tzinfo=UTC)
END = datetime(2026, 9, 1, tzinfo=UTC)
DERIVED = ("build", "--exclude-resource-type", "unit_test", "test")
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"


def load(settings: Settings) -> None:
    with open_warehouse(settings) as connection:
        load_batches(connection, settings, lambda: AT)


def build(settings: Settings, *selection: str) -> None:
    run_dbt(
        settings,
        *("build", "--exclude-resource-type", "unit_test"),
        *("--select", *selection, "--indirect-selection", "buildable"),
    )


@pytest.fixture(scope="session")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small business, as its systems wrote them."""
    folder = tmp_path_factory.mktemp("business") / "drop"
    generate(folder, scenario="dtc", scale="small", seed=11, end_at=END)
    return folder


@pytest.fixture(scope="session")
def ledger_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Callable[[Settings], None]], Settings]:
    """Build a ledger from whatever `deliver` lands."""

    def ledger(deliver: Callable[[Settings], None]) -> Settings:
        settings = Settings(home=tmp_path_factory.mktemp("home"))
        deliver(settings)
        load(settings)
        run_dbt(settings, *DERIVED, "--select", "+fct_stock_entries", "+fct_order_lines")
        return settings

    return ledger


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse over the real third-party samples."""
    if not SAMPLES.exists():
        pytest.skip(f"the third-party samples are not here: {SAMPLES}")
    settings = Settings(home=tmp_path_factory.mktemp("samples"))
    for system, folder in {
        "adventureworks": "adventureworks_oltp",
        "mywind": "northwind_inventory_mywind",
        "amazon_sp": "fivetran_amazon_sp",
    }.items():
        land_paths(settings, [SAMPLES / folder], system=system, now=lambda: AT)
    load(settings)
    build(settings, "*")
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        yield connection
