"""Steps that a person takes in the control tower, and what they read there."""

from ingestion.generations import current, open_generation
from ingestion.settings import Settings

WORKING = '[data-testid="stStatusWidget"]'
ERROR = '[data-testid="stException"]'
CELLS = '[data-testid^="glide-cell"]'


def settle(page):
    """Waits until the tower has drawn what it was asked."""
    page.wait_for_timeout(400)
    page.locator(WORKING).wait_for(state="detached")
    page.wait_for_timeout(400)
    assert page.locator(ERROR).count() == 0


def act_as(page, actor, role):
    name = page.get_by_label("Acting as")
    name.fill(actor)
    name.press("Enter")
    settle(page)
    choose(page, "Role", role)
    settle(page)


def choose(page, label, option):
    page.get_by_role("combobox", name=label).filter(visible=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def open_sku(page, sku):
    search = page.get_by_label("Find a SKU or product")
    search.fill(sku)
    search.press("Enter")
    page.get_by_role("tab", name="Timeline").wait_for()
    settle(page)


def open_tab(page, name):
    page.get_by_role("tab", name=name).click()
    settle(page)


def cells(page):
    return page.locator(CELLS).all_text_contents()


def ask(home, sql):
    with open_generation(current(Settings(home=home))) as connection:
        return connection.execute(sql).fetchall()


def best_stocked_sku(home):
    ((sku,),) = ask(
        home,
        """
        select sku from fct_stock_balances where state = 'available'
        group by sku order by max(quantity) desc, sku limit 1
        """,
    )
    return sku


def text_of(page, words):
    """What the page says right now in the element holding `words`."""
    found = page.get_by_text(words).first
    found.wait_for()
    return found.inner_text()
