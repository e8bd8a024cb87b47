"""Each canonical feed can be dropped as the contract's own file."""

import pytest

from ingestion.landing.arrivals import LandingStatus

FILES = {
    "quantity_kinds": "quantity_kind,state\navailable,available\n",
    "product_aliases": "source_system,alias,sku\namazon,x00-1,KIT-1\nwms,x00-1,KIT-2\n",
    "bills_of_materials": "kit_sku,component_sku,quantity,valid_to\nK-1,C-1,2,2025-01-01T00:00Z\n",
    "bins": "location_id,bin_id,zone,x,y,z\nfc,01-01,A,1.5,20,0\n",
    "supplier_products": "supplier_id,sku,unit_cost,lead_time_days,case_pack\ns1,A,2.50,9,12\n",
    "price_lists": "price_list_id,sku,unit_price,customer_id\ntrade,A,9.99,C1\n",
    "carrier_events": "tracking_number,status,occurred_at\n1Z1,in_transit,2025-01-02T10:00:00Z\n",
    "worker_shifts": (
        "worker_id,location_id,started_at,ended_at,task\n"
        "w1,fc,2025-01-02T06:00:00Z,2025-01-02T14:00:00Z,pick\n"
    ),
}


@pytest.mark.parametrize("feed", FILES)
def test_a_file_named_after_its_feed_lands_whole(home, feed):
    landed = home.land_text(f"{feed}-all.csv", FILES[feed])
    assert landed.status is LandingStatus.LANDED
    home.load()
    physical = FILES[feed].count("\n") - 1
    assert home.query(f"select count(*) from raw.{feed}") == [(physical,)]


def test_two_systems_may_use_one_code_for_different_skus(home):
    home.land_text("product_aliases-all.csv", FILES["product_aliases"])
    home.load()
    assert home.query("select source_system, alias, sku from raw.product_aliases order by 1") == [
        ("amazon", "x00-1", "KIT-1"),
        ("wms", "x00-1", "KIT-2"),
    ]


@pytest.mark.parametrize(
    ("feed", "row"),
    [
        ("carrier_events", "1Z1,teleported,2025-01-02T10:00:00Z"),
        ("bins", ",01-01,A,1,1,1"),
        ("price_lists", "trade,A,-1,C1"),
        ("bills_of_materials", "K-1,C-1,0,2025-01-01T00:00:00Z"),
        ("quantity_kinds", "available,elsewhere"),
    ],
)
def test_a_row_outside_the_contract_is_quarantined_alone(home, feed, row):
    home.land_text(f"{feed}-all.csv", FILES[feed] + row + "\n")
    (batch,) = home.load()
    assert (batch.loaded_count, batch.quarantined_count) == (1, 1)
