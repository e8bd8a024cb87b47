"""A small shop of kits, from its files to what it may promise."""

import csv
import subprocess

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from ingestion.generations import open_current
from tests.conftest import TRUESTOCK, home_settings

SKUS = (
    "A8", "B8", "PA", "PB", "P1", "P2", "X", "Y", "Z", "SOLO",
    "KIT8", "KITP", "KO", "KI", "KA", "KB", "KZ", "LOOP",
)  # fmt: skip
BILLS = (
    ("KIT8", "A8", 1, "", "2026-11-15T00:00:00Z"),
    ("KIT8", "B8", 1, "2026-11-15T00:00:00Z", ""),
    ("KITP", "PA", 1, "", ""),
    ("KITP", "PB", 1, "", ""),
    ("KO", "KI", 2, "", ""),
    ("KO", "P1", 1, "", ""),
    ("KI", "P2", 3, "", ""),
    ("KA", "X", 1, "", ""),
    ("KA", "Y", 2, "", ""),
    ("KB", "X", 2, "", ""),
    ("KB", "Y", 1, "", ""),
    ("KZ", "Z", 1, "", ""),
    ("LOOP", "LOOP", 1, "", ""),
)
STOCK = {
    **dict.fromkeys(("A8", "B8", "PA", "PB", "P1", "X", "Y", "SOLO"), 10),
    "P2": 60,
    "Z": 3,
    "KZ": 2,
}
# order, SKU, quantity, placed, cancelled
ORDERS = (
    ("o8", "KIT8", 2, "2026-11-14T08:00:00Z", ""),
    ("op", "KITP", 3, "2026-11-14T08:00:00Z", ""),
    ("oo", "KO", 2, "2026-11-14T08:00:00Z", ""),
    ("oz", "KZ", 4, "2026-11-20T08:00:00Z", ""),
    ("oc", "SOLO", 5, "2026-11-14T08:00:00Z", "2026-11-19T08:00:00Z"),
)
# what, of which order, SKU, quantity, when
EVENTS = (
    ("shipped", "o8", "KIT8", 2, "2026-11-16T09:00:00Z"),
    ("shipped", "op", "PA", 3, "2026-11-16T09:00:00Z"),
    ("reserved", "oc", "SOLO", 5, "2026-11-15T09:00:00Z"),
    ("shipped", "oc", "SOLO", 1, "2026-11-20T09:00:00Z"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("kits") / "home"
    subprocess.run([TRUESTOCK, "init", "--home", str(home)], check=True, capture_output=True)
    folder = home / "drop" / "native"
    folder.mkdir(parents=True, exist_ok=True)

    def write(feed, header, rows):
        with (folder / f"{feed}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header.split(","), *rows])

    write("products", "sku", [(sku,) for sku in SKUS])
    write("locations", "location_id,kind", [("fc", "warehouse")])
    write("channels", "channel_id,name,kind", [("shop", "Shop", "own_shop")])
    write("bills_of_materials", "kit_sku,component_sku,quantity,valid_from,valid_to", BILLS)
    write(
        "adjustments",
        "source_event_key,occurred_at,location_id,sku,quantity,reason_code",
        [
            (f"a-{sku}", "2026-11-18T00:00:00Z" if sku == "KZ" else "2026-11-01T00:00:00Z",
             "fc", sku, quantity, "opening")
            for sku, quantity in STOCK.items()
        ],
    )  # fmt: skip
    write(
        "orders",
        "order_id,channel_id,placed_at,cancelled_at",
        [(order, "shop", placed, cancelled) for order, _, _, placed, cancelled in ORDERS],
    )
    write(
        "order_lines",
        "order_id,line_id,sku,quantity",
        [(order, "1", sku, quantity) for order, sku, quantity, _, _ in ORDERS],
    )
    write(
        "fulfilment_events",
        "source_event_key,event_type,occurred_at,order_id,line_id,sku,quantity,location_id",
        [
            (f"f{number}", what, at, order, "1", sku, quantity, "fc")
            for number, (what, order, sku, quantity, at) in enumerate(EVENTS)
        ],
    )
    done = subprocess.run(
        [TRUESTOCK, "run", "--home", str(home)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return home_settings(home)


@pytest.fixture(scope="module")
def published(home):
    _, connection = open_current(home)
    with connection:
        yield connection


def one(published, sql):
    (row,) = published.execute(sql).fetchall()
    return row


def promised(published, sku):
    return one(
        published,
        "select on_hand_quantity, open_demand_quantity, signed_atp_quantity "
        f"from fct_availability where sku = '{sku}' and location_id = '*'",
    )


def test_a_kit_ships_as_the_bill_of_the_day_it_was_ordered(published):
    assert promised(published, "A8") == (8, 0, 8)
    assert promised(published, "B8") == (10, 0, 10)
    assert one(
        published, "select open_quantity, status from fct_order_lines where order_id = 'o8'"
    ) == (0, "shipped")


def test_a_component_that_left_is_not_owed_again(published):
    assert promised(published, "PA") == (7, 0, 7)
    assert promised(published, "PB") == (10, 3, 7)


def test_a_kit_inside_a_kit_asks_for_its_parts(published):
    assert promised(published, "P2") == (60, 12, 48)
    assert promised(published, "P1") == (10, 2, 8)


def test_kits_lying_ready_and_waited_for_count_beside_what_can_be_made(published):
    assert one(
        published,
        "select own_free_quantity, own_demand_quantity, individual_quantity, available_quantity "
        "from fct_kit_availability where kit_sku = 'KZ' and location_id = '*'",
    ) == (2, 4, 3, 1)


def test_what_is_allotted_to_kits_can_be_made_together(published):
    overdrawn = published.execute(
        """
        select parts.location_id, parts.channel_id, parts.component_sku
        from fct_kit_components as parts
        inner join fct_kit_availability as kits using (kit_sku, location_id, channel_id)
        group by all
        having sum(kits.allotted_quantity * parts.component_quantity)
            > greatest(0, any_value(parts.signed_atp_quantity))
        """
    ).fetchall()
    together = one(
        published,
        "select joint_quantity, joint_limit_quantity from fct_kit_availability "
        "where kit_sku = 'KA' and location_id = '*'",
    )

    assert overdrawn == []
    assert together == (6, 7)


def test_a_cancellation_keeps_its_row_when_a_unit_ships_all_the_same(published):
    rows = published.execute(
        "select commitment_type, open_quantity from fct_commitments "
        "where order_id = 'oc' and open_quantity <> 0 order by occurred_at, commitment_type"
    ).fetchall()

    assert rows == [("ordered", 5), ("cancelled", -5), ("cancelled", 1), ("shipped", -1)]


def test_what_nobody_will_take_and_bills_without_an_end_are_exceptions(published):
    found = published.execute(
        "select exception_type, quantity from fct_exceptions where exception_type in "
        "('units_held_cancelled', 'bill_endless', 'step_after_cancellation') order by 1"
    ).fetchall()

    assert found == [
        ("bill_endless", None),
        ("step_after_cancellation", 1),
        ("units_held_cancelled", 4),
    ]


def test_a_kit_is_explained_by_what_its_components_make(home):
    said = CliRunner().invoke(app, ["explain", "KITP", "--home", str(home.root)])

    assert said.exit_code == 0
    assert "KITP at all locations is a kit" in said.output
    assert "may promise 7 (signed 7); PA is its scarcest component" in said.output
