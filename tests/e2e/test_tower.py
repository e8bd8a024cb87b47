"""A day in the control tower: a correction and a rule, from the form to the next generation."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ingestion.generations import current
from ingestion.settings import Settings
from tests.e2e.conftest import truestock
from tests.e2e.steps import (
    CELLS,
    act_as,
    ask,
    best_stocked_sku,
    cells,
    choose,
    open_sku,
    open_tab,
    settle,
    text_of,
)

PAGES = {
    "": "Overview",
    "exceptions": "Exceptions",
    "inventory": "Inventory",
    "reconciliation": "Reconciliation",
    "counts": "Counts",
    "returns": "Returns",
    "lots": "Lots",
    "health": "Data health",
    "allocation": "Allocation",
}
CUT = """() => [...document.querySelectorAll('[data-testid="stMetric"] *')]
    .filter(e => getComputedStyle(e).textOverflow === 'ellipsis' && e.scrollWidth > e.clientWidth)
    .map(e => e.textContent)"""
REASON = "Pallet <b>fell</b> *off* the truck"
RULE_REASON = "Keep a reserve for the service desk"
UNITS = -30


@dataclass(frozen=True)
class Day:
    """What was seen and done before and after the pipeline ran once."""

    sku: str
    seen: dict[str, str]
    generation_before: int
    generation_after: int


def record_adjustment(page, seen):
    act_as(page, "ann", "Operator")
    open_tab(page, "Adjust")
    page.get_by_label("Units, minus for lost").fill(str(UNITS))
    choose(page, "Reason", "Damaged")
    page.get_by_label("Why, in your words").filter(visible=True).fill(REASON)
    page.get_by_role("button", name="Record adjustment").click()
    seen["asked"] = text_of(page, "Nothing was sent")
    page.get_by_text("Record it all the same", exact=True).click()
    settle(page)
    page.get_by_role("button", name="Record adjustment").click()
    seen["receipt"] = text_of(page, "Written to the command log")
    settle(page)
    seen["pending"] = page.get_by_role("button", name="pending command").inner_text()
    seen["commands"] = " | ".join(cells(page))


def approve(page, seen):
    act_as(page, "ann", "Supervisor")
    seen["own_approval_disabled"] = str(page.get_by_role("button", name="Approve").is_disabled())
    act_as(page, "sue", "Supervisor")
    page.get_by_label("Note").filter(visible=True).fill("The books missed a receipt")
    page.get_by_role("button", name="Approve").click()
    seen["approved"] = text_of(page, "The decision takes effect")
    settle(page)


def set_rule(page, seen):
    act_as(page, "pia", "Planner")
    page.get_by_role("link", name="Allocation").click()
    page.get_by_role("heading", name="Allocation", level=1).wait_for()
    settle(page)
    open_tab(page, "Draft a rule")
    page.get_by_label("Name of the rule").fill("reserve")
    page.get_by_role("spinbutton", name="Buffer, units").fill("5")
    page.get_by_label("Why, in your words").filter(visible=True).fill(RULE_REASON)
    page.get_by_role("button", name="Preview effect").click()
    seen["preview"] = text_of(page, re.compile("lines? would get another quantity"))
    settle(page)
    page.get_by_role("button", name="Set rule").click()
    seen["rule"] = text_of(page, "Written to the command log")
    settle(page)


@pytest.fixture(scope="module")
def day(tower, browser):
    page = browser.new_page(viewport={"width": 1920, "height": 1200})
    page.set_default_timeout(60_000)
    before = current(Settings(home=tower.home)).number
    sku = best_stocked_sku(tower.home)
    seen: dict[str, str] = {}
    page.goto(f"{tower.url}/inventory")
    open_sku(page, sku)
    steps: tuple[Callable[..., None], ...] = (record_adjustment, approve, set_rule)
    for step in steps:
        step(page, seen)
    tower.run_pipeline()
    page.get_by_role("button", name=re.compile("Show generation")).click()
    seen["status"] = text_of(page, f"As of generation {before + 1}")
    page.close()
    return Day(sku, seen, before, current(Settings(home=tower.home)).number)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_desk_and_phone_and_asks_nobody_outside(tower, open_page, path):
    foreign = []
    page = open_page(f"{tower.url}/{path}", width=400, foreign=foreign)
    for width in (400, 1440):
        page.set_viewport_size({"width": width, "height": 1200})
        settle(page)
        assert page.get_by_role("heading", level=1).inner_text() == PAGES[path]
        assert re.match(r".*As of generation \d+, ", text_of(page, "As of generation"), re.DOTALL)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, width
        assert page.evaluate(CUT) == [], width
    assert foreign == []


def test_a_metric_opens_down_to_its_daily_numbers(tower, open_page):
    page = open_page(tower.url)
    page.get_by_role("button", name="Look closer").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("What it means").wait_for()
    dialog.get_by_text("Daily numbers by channel").click()
    settle(page)
    assert dialog.locator(".js-plotly-plot").count() >= 3
    assert dialog.locator(CELLS).count() > 0


def test_a_promise_is_followed_to_its_file_rows_in_three_clicks(tower, open_page):
    page = open_page(f"{tower.url}/inventory")
    open_sku(page, best_stocked_sku(tower.home))
    open_tab(page, "Available to promise")
    page.locator(".waterfalllayer .point:visible").first.wait_for()
    page.get_by_role("radio", name="Free", exact=True).click()
    settle(page)
    assert "units out of" in text_of(page, "each names the file")
    assert any(cell.startswith("fulfilment_events") for cell in cells(page))


def test_a_claim_opens_down_to_the_events_that_prove_its_causes(tower, open_page):
    page = open_page(f"{tower.url}/reconciliation")
    open_tab(page, "Claims")
    claims = page.locator('[data-testid="stDataFrame"]:visible').first
    claims.click(position={"x": 12, "y": 52})
    page.get_by_role("heading", name="Evidence").wait_for()
    settle(page)
    assert page.get_by_text("From the ledger to what").count() > 0
    assert page.get_by_text("The evidence on each system's clock").count() > 0
    page.locator(CELLS).first.wait_for(state="attached")
    causes = ask(tower.home, "select distinct replace(cause, '_', ' ') from recon_causes")
    assert {cause for (cause,) in causes} & set(cells(page))


def test_a_viewer_cannot_adjust_stock(tower, open_page):
    page = open_page(f"{tower.url}/inventory")
    open_sku(page, best_stocked_sku(tower.home))
    open_tab(page, "Adjust")
    assert "may not" in text_of(page, "The role viewer")
    assert page.get_by_role("button", name="Record adjustment").count() == 0


def test_an_operator_without_a_name_is_asked_for_it(tower, open_page):
    page = open_page(f"{tower.url}/inventory")
    page.get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name="Operator", exact=True).click()
    open_sku(page, best_stocked_sku(tower.home))
    open_tab(page, "Adjust")
    assert "every command keeps who gave it" in text_of(page, "Enter your name")


def test_a_big_adjustment_waits_for_approval_at_once(day):
    assert "tick “Record it all the same”" in day.seen["asked"]
    assert "waits for a supervisor" in day.seen["receipt"]
    assert "1 pending command" in day.seen["pending"]
    assert "waits for approval" in day.seen["commands"]


def test_nobody_can_approve_their_own_adjustment_even_as_supervisor(day):
    assert day.seen["own_approval_disabled"] == "True"
    assert "takes effect with the next run" in day.seen["approved"]


@pytest.mark.usefixtures("day")
def test_the_generation_seals_the_command_log(tower):
    truestock("audit", "verify", "--home", str(tower.home))


def test_a_page_offers_the_new_generation_when_it_is_published(day):
    assert day.generation_after == day.generation_before + 1
    assert f"generation {day.generation_after}" in day.seen["status"]


def test_an_approved_adjustment_is_in_the_timeline_with_actor_and_reason(day, tower, open_page):
    page = open_page(f"{tower.url}/inventory")
    open_sku(page, day.sku)
    page.locator(CELLS).first.wait_for(state="attached")
    shown = cells(page)
    assert "ann" in shown
    assert any(REASON in cell for cell in shown)
    assert str(UNITS) in shown


def test_an_applied_command_names_its_generation(day, tower, open_page):
    page = open_page(f"{tower.url}/inventory")
    open_sku(page, day.sku)
    open_tab(page, "Adjust")
    page.locator(CELLS).first.wait_for(state="attached")
    assert f"applied in generation {day.generation_after}" in cells(page)


def test_the_adjustment_is_booked_once_as_a_movement(day, tower):
    booked = ask(
        tower.home,
        """
        select sku, quantity, from_state, to_state, actor from fct_stock_movements
        where source_system = 'truestock'
        """,
    )
    assert booked == [(day.sku, -UNITS, "available", "lost", "ann")]


def test_a_rule_is_in_force_in_the_next_generation(day, tower, open_page):
    assert "next run" in day.seen["rule"]
    page = open_page(f"{tower.url}/allocation")
    open_tab(page, "Rules")
    page.locator(CELLS).first.wait_for(state="attached")
    assert {"reserve", RULE_REASON} <= set(cells(page))
    in_force = ask(tower.home, "select rule_id, version from dim_allocation_rules where is_current")
    assert in_force == [("reserve", 1)]


def test_the_plan_follows_the_rule_as_its_preview_said(day, tower):
    changed = int(re.search(r"(\d+) lines?", day.seen["preview"]).group(1))
    fired = ask(tower.home, "select count(*) from fct_allocations where rule_id = 'reserve'")
    assert fired[0][0] >= changed
