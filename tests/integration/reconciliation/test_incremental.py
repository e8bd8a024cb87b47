"""New events recompute only the claims they touch, and that equals computing all of them."""

import json
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.intake import take_in
from ingestion.landing.land import land_paths
from ingestion.landing.load import load_batches
from ingestion.settings import Settings
from ingestion.synthetic.generate import generate
from ingestion.warehouse import open_warehouse
from tests.dbt import run_dbt

END = datetime(2026, 5, 1, tzinfo=UTC)
WHOLE = ("run", "--select", "+recon_rollups")
DERIVED = ("recon_variances", "recon_differences", "recon_causes", "recon_incidents")
MARK = Decimal("123456.7800")  # on a column that nothing else is derived from


def ask(settings: Settings, sql: str, *parameters: object) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        return connection.execute(sql, parameters).fetchall()


def derived(settings: Settings) -> dict[str, list[tuple]]:
    return {name: ask(settings, f"select * from {name} order by all") for name in DERIVED}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("incremental")
    settings = Settings(home=folder / "home")
    generate(
        settings.drop, scenario="dtc", scale="small", seed=77, end_at=END, truth=folder / "truth"
    )
    shutil.rmtree(folder / "truth")
    take_in(settings, lambda: END)
    run_dbt(settings, "seed")
    run_dbt(settings, *WHOLE)
    return settings


def adjust(settings: Settings, sku: str, location: str, inbox: Path) -> None:
    """The warehouse tells of three lost units, before most claims."""
    file = inbox / "adjustments.ndjson"
    lost = {
        "source_system": "wms", "source_event_key": "late-1", "location_id": location, "sku": sku,
        "occurred_at": "2026-03-01T00:00:00Z", "recorded_at": "2026-03-01T00:00:00Z",
        "quantity": -3, "reason_code": "lost",
    }  # fmt: skip
    file.write_text(json.dumps(lost) + "\n")
    land_paths(settings, [file], system=None, now=lambda: END)
    with open_warehouse(settings) as connection:
        (batch,) = load_batches(connection, settings, lambda: END)
    assert batch.loaded_count == 1, batch


def test_new_events_recompute_only_the_claims_they_touch(settings: Settings, tmp_path: Path):
    (touched, location), (other, _) = ask(
        settings,
        """
        select sku, any_value(location_id) from recon_variances
        where location_id is not null and system != 'wms' and as_of > timestamp '2026-03-02'
        group by sku having count(*) > 5 order by sku limit 2
        """,
    )
    before = dict(
        ask(
            settings,
            "select claim_id, ledger_quantity from recon_variances where sku = $1",
            touched,
        )
    )
    valued = ask(
        settings, "select claim_id, variance_amount from recon_variances where sku = $1", other
    )
    ask(settings, "update recon_variances set variance_amount = $1 where sku = $2", MARK, other)
    adjust(settings, touched, location, tmp_path)

    run_dbt(settings, *WHOLE)

    kept = ask(
        settings, "select distinct variance_amount from recon_variances where sku = $1", other
    )
    assert kept == [(MARK,)]
    after = dict(
        ask(
            settings,
            "select claim_id, ledger_quantity from recon_variances where sku = $1",
            touched,
        )
    )
    assert {after[claim] - quantity for claim, quantity in before.items()} == {0, -3}

    for claim, amount in valued:
        ask(
            settings,
            "update recon_variances set variance_amount = $1 where claim_id = $2",
            amount, claim,
        )  # fmt: skip
    kept_and_new = derived(settings)
    run_dbt(settings, *WHOLE, "--full-refresh")
    for name, rows in derived(settings).items():
        assert kept_and_new[name] == rows, name
