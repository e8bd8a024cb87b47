import pytest
from streamlit.testing.v1 import AppTest

from app.serving import Identity, Tower
from ingestion.commands.log import open_command_log
from ingestion.contracts.vocabulary import Role


def inventory_page(tower):
    from app.views.inventory import show  # noqa: PLC0415 - runs as a script of its own

    show(tower, lambda _name, **_opened: None)


def reconciliation_page(tower):
    from app.views.reconciliation import show  # noqa: PLC0415

    show(tower, lambda _name, **_opened: None)


def exceptions_page(tower):
    from app.views.exceptions import show  # noqa: PLC0415

    show(tower, lambda _name, **_opened: None)


def lots_page(tower):
    from app.views.lots import show  # noqa: PLC0415

    show(tower, lambda _name, **_opened: None)


@pytest.fixture
def tower(settings, publish_rows, product, balance, places):
    held = {"sku": "TEE-1", "lot_id": "L1", "location_id": "east", "trace_type": "held"}
    claimed = {"claimed_quantity": 7, "ledger_quantity": 5, "variance_quantity": 2}
    known = {"quantity_kind": "available", "scope": "available", "is_known_sku": True}
    reader = publish_rows(
        dim_products=[product()],
        fct_stock_balances=[balance()],
        fct_lot_traces=[held | {"state": "available", "quantity": 5}],
        recon_variances=[
            claimed
            | known
            | {"claim_id": "c1", "system": "shop", "sku": "TEE-1", "location_id": "east"}
            | {"as_of": "2026-03-01", "recorded_at": "2026-03-01"}
        ],
        fct_exceptions=[
            {
                "exception_id": "e1",
                "exception_type": "short_receipt",
                "severity": "warning",
                "subject": "PO-1",
                "state": "resolved",
                "is_present": False,
                "is_overdue": False,
                "detail": "Received 18 of 24.",
            }
        ],
        **places,
    )
    log = open_command_log(settings)
    yield Tower(settings, reader, log, Identity("ann", Role.OPERATOR), reader.published_at)
    log.close()


def open_address(page, tower, **query):
    shown = AppTest.from_function(page, kwargs={"tower": tower}, default_timeout=30)
    shown.query_params.update(query)
    shown.run()
    assert not shown.exception
    return shown


def texts(page):
    kinds = (page.subheader, page.markdown, page.caption, page.info)
    return " ".join(each.value for kind in kinds for each in kind).replace("\\", "")


@pytest.mark.parametrize(
    ("page", "query", "shown"),
    [
        (inventory_page, {"sku": "TEE-1"}, "TEE-1 · Plain tee"),
        (inventory_page, {"sku": "tee-1"}, "TEE-1 · Plain tee"),
        (reconciliation_page, {"claim_id": "c1"}, "TEE-1 at East"),
        (exceptions_page, {"exception_id": "e1"}, "Received 18 of 24."),
        (lots_page, {"sku": "TEE-1", "lot_id": "L1"}, "Lot L1 of TEE-1"),
    ],
)
def test_an_address_opens_what_it_names(tower, page, query, shown):
    assert shown not in texts(open_address(page, tower))
    assert shown in texts(open_address(page, tower, **query))


@pytest.mark.parametrize(
    ("page", "column"),
    [
        (inventory_page, "sku"),
        (reconciliation_page, "claim_id"),
        (exceptions_page, "exception_id"),
    ],
)
def test_an_address_of_something_gone_says_so_and_shows_the_list(tower, page, column):
    told = texts(open_address(page, tower, **{column: "no-such"}))
    assert "holds no" in told
    assert "no-such" in told


def test_an_address_opens_a_tab(tower):
    page = open_address(inventory_page, tower, **{"sku": "TEE-1", "sku-tab": "Adjust"})
    assert page.session_state["sku-tab"] == "Adjust"


def test_closing_a_sku_takes_it_out_of_the_address(tower):
    page = open_address(inventory_page, tower, sku="TEE-1")
    next(each for each in page.button if each.label == "All SKUs").click().run()
    assert "sku" not in page.query_params
    assert "TEE-1 · Plain tee" not in texts(page)
