"""Stock at any instant, and as any system knew it, by the macros that every generation carries."""

import pytest

from ingestion.landing.land import land_paths
from ingestion.settings import Settings
from ingestion.warehouse import open_warehouse
from tests.integration.ledger.conftest import AT, build, load

FILES = {
    "products": "sku,recorded_at\nA,2026-08-01T00:00:00Z\n",
    "locations": "location_id,timezone,recorded_at\nFC,UTC,2026-08-01T00:00:00Z\n",
    "system_of_record": "event_type,location_id,system,recorded_at\n*,*,wms,2026-08-01T00:00:00Z\n",
    "orders": "order_id,channel_id,placed_at,recorded_at\n"
    "O1,shop,2026-08-10T00:00:00Z,2026-08-10T00:00:00Z\n",
    "order_lines": "order_id,line_id,sku,quantity,recorded_at\n"
    "O1,1,A,4,2026-08-10T00:00:00Z\nO1,2,A,1,2026-08-10T00:00:00Z\n",
    "receipts": "event_type,source_system,source_event_key,sku,location_id,quantity,"
    "occurred_at,recorded_at\n"
    "received,wms,R1,A,FC,10,2026-08-05T00:00:00Z,2026-08-06T00:00:00Z\n",
    "fulfilment_events": "event_type,source_system,source_event_key,order_id,line_id,sku,"
    "location_id,quantity,occurred_at,recorded_at\n"
    "shipped,wms,W1,O1,1,A,FC,4,2026-08-12T08:00:00Z,2026-08-15T00:00:00Z\n"
    "shipped,wms,W2,O1,2,A,FC,1,2026-08-12T09:00:00Z,2026-08-13T00:00:00Z\n"
    # the shop hears of the first parcel before the warehouse books it, and never of the second
    "shipped,shop,S1,O1,1,A,FC,4,2026-08-12T08:30:00Z,2026-08-12T10:00:00Z\n",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("told")
    settings = Settings(home=root / "home")
    for feed, text in FILES.items():
        (root / f"{feed}.csv").write_text(text)
    land_paths(settings, sorted(root.glob("*.csv")), system=None, now=lambda: AT)
    load(settings)
    build(settings, "+fct_stock_entries")
    return settings


@pytest.mark.parametrize(
    ("asked", "on_hand"),
    [
        ("balances_as_of(timestamp '2026-08-05 00:00:00')", 10),
        ("balances_as_of(timestamp '2026-08-12 08:00:00')", 6),
        ("balances_as_of(timestamp '2026-08-12 09:00:00')", 5),
        # of the receipt nobody knew until the next day
        ("balances_as_known(timestamp '2026-08-05', timestamp '2026-08-05 23:59:59')", None),
        ("balances_as_known(timestamp '2026-08-12 12:00', timestamp '2026-08-12 12:00')", 10),
        ("balances_as_known(timestamp '2026-08-12 12:00', timestamp '2026-08-13')", 9),
        ("balances_as_known(timestamp '2026-08-12 12:00', timestamp '2026-08-15')", 5),
        ("balances_as_known_to('wms', timestamp '2026-08-12 12:00', timestamp '2026-08-13')", 9),
        ("balances_as_known_to('shop', timestamp '2026-08-12 12:00', timestamp '2026-08-12')", 10),
        ("balances_as_known_to('shop', timestamp '2026-08-31', timestamp '2026-08-12 10:00')", 6),
        ("balances_as_known_to('shop', timestamp '2026-08-31', timestamp '2026-08-31')", 6),
        # the books tell of nothing here: they are taken to know what the warehouse does
        ("balances_as_known_to('books', timestamp '2026-08-31', timestamp '2026-08-13')", 9),
    ],
)
def test_stock_at_an_instant_as_somebody_knew_it(
    settings: Settings, asked: str, on_hand: int | None
) -> None:
    with open_warehouse(settings) as connection:
        (found,) = connection.execute(
            f"select sum(quantity)::bigint from {asked} where state = 'available'"
        ).fetchone()
    assert found == on_hand
