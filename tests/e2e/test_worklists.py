"""What a person does about an exception or a count, and how far one follows a number."""

import json
import random

import pytest

from ingestion.commands.log import open_command_log
from ingestion.settings import Settings
from tests.e2e.steps import CELLS, act_as, ask, cells, open_tab, settle, text_of

SEED = 20261125
FIRST_ROW = {"x": 12, "y": 52}


def write_why(page, words):
    page.get_by_label("Why, in your words").filter(visible=True).fill(words)


def last_command(home):
    log = open_command_log(Settings(home=home))
    try:
        return log.entries()[-1]
    finally:
        log.close()


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("Assign", {"assignee": "ann"}),
        ("Snooze", {}),
        ("Resolve", {"resolution": "fixed"}),
    ],
)
def test_an_exception_is_settled_from_the_inbox(tower, open_page, deed, told):
    page = open_page(f"{tower.url}/exceptions", width=1440)
    settle(page)
    act_as(page, "ann", "Operator")
    page.locator('[data-testid="stDataFrame"]:visible').first.click(position=FIRST_ROW)
    page.get_by_text("Priority", exact=False).first.wait_for()
    settle(page)
    open_tab(page, deed)
    write_why(page, f"{deed} it")
    page.get_by_test_id("stTabs").get_by_role("button", name=deed).filter(visible=True).click()
    assert "applied with the next run" in text_of(page, "Written to the command log")
    entry = last_command(tower.home)
    payload = json.loads(entry.payload)
    assert (entry.command_type, entry.actor) == (f"{deed.lower()}_exception", "ann")
    assert payload.items() >= told.items()
    assert f"exception_id={payload['exception_id']}" in page.url


def test_a_counts_proposal_is_sent_as_an_adjustment(tower, open_page):
    page = open_page(f"{tower.url}/counts", width=1440)
    settle(page)
    act_as(page, "ann", "Operator")
    page.locator('[data-testid="stDataFrame"]:visible').first.click(position=FIRST_ROW)
    page.get_by_role("button", name="Record adjustment").click()
    text_of(page, "Written to the command log")
    entry = last_command(tower.home)
    proposed = ask(
        tower.home,
        """
        select sku, location_id, quantity, reason_code from fct_count_proposals
        where status = 'open' order by abs(amount) desc nulls last, abs(quantity) desc, claim_id
        """,
    )
    payload = json.loads(entry.payload)
    columns = ("sku", "location_id", "quantity", "reason_code")
    assert tuple(payload[column] for column in columns) == proposed[0]


def test_an_address_opens_the_same_view_for_a_colleague(tower, open_page):
    page = open_page(f"{tower.url}/reconciliation", width=1440)
    open_tab(page, "Claims")
    page.locator('[data-testid="stDataFrame"]:visible').first.click(position=FIRST_ROW)
    page.get_by_role("heading", name="Evidence").wait_for()
    settle(page)
    opened = page.get_by_role("heading", level=3).first.inner_text()
    colleague = open_page(page.url, width=400)
    colleague.get_by_role("heading", name="Evidence").wait_for()
    assert colleague.get_by_role("heading", level=3).first.inner_text() == opened


def test_any_figure_of_availability_is_three_clicks_from_its_source_rows(tower, open_page):
    figures = ask(
        tower.home,
        """
        select sku, channel_name, atp_quantity from fct_availability
        inner join dim_channels using (channel_id)
        where location_id = '*' and atp_quantity > 0 order by sku, channel_name
        """,
    )
    sku, channel, quantity = random.Random(SEED).choice(figures)
    page = open_page(f"{tower.url}/allocation", width=1440)
    settle(page)
    open_tab(page, "Available to promise")  # the first click
    search = page.get_by_label("Find a SKU or product").filter(visible=True)
    search.fill(sku)
    search.press("Enter")
    first = page.locator('[data-testid="stDataFrame"]:visible td[data-testid="glide-cell-1-0"]')
    first.filter(has_text=sku).wait_for(state="attached")
    settle(page)
    position = next(
        number
        for number, row in enumerate(rows_shown(page))
        if {sku, channel, f"{quantity:,}"} <= row
    )
    table = page.locator('[data-testid="stDataFrame"]:visible').first
    table.click(position={"x": 12, "y": 52 + 35 * position})  # the second
    page.get_by_role("heading", name="Inventory", level=1).wait_for()
    settle(page)
    page.get_by_role("radio", name="Free", exact=True).click()  # the third
    settle(page)
    assert f"{sku}, All locations" in page.locator(".gtitle:visible").first.text_content()
    assert "units out of" in text_of(page, "each names the file")
    files = {name for (name,) in ask(tower.home, "select file_name from meta_batches")}
    assert files & set(cells(page))


def rows_shown(page):
    """The texts of each row of the table on screen."""
    found = page.locator(f'[data-testid="stDataFrame"]:visible td{CELLS}')
    rows = {}
    for identity, text in found.evaluate_all(
        "cells => cells.map(cell => [cell.dataset.testid, cell.textContent])"
    ):
        rows.setdefault(int(identity.rsplit("-", 1)[1]), set()).add(text)
    return [rows[number] for number in sorted(rows)]
