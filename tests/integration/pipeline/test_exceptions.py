"""One problem is one exception from the build that first sees it to the one that misses it.

A home of one SKU, built again after each thing that happens; between two of them nothing happens,
and the build must not notice that it ran twice.
"""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from dagster_project.lib.intake import take_in
from ingestion.commands.log import CommandLog
from ingestion.commands.master_data import Known
from ingestion.commands.model import Command
from ingestion.commands.policy import read_policy
from ingestion.commands.store import Store
from ingestion.contracts.vocabulary import CommandType, Role
from ingestion.settings import Settings
from tests.dbt import run_dbt

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADJUSTED = "source_event_key,occurred_at,location_id,sku,quantity,reason_code\n"


class Inbox:
    """A home, what happens in it, and what its inbox says."""

    def __init__(self, root):
        self.settings = Settings(home=root)
        self.day = 0
        self.drop("products", "sku,title,unit_cost\nTEE-1,Plain tee,4\n")
        self.drop("locations", "location_id,name,timezone\nEAST,East,UTC\n")

    def drop(self, feed, text):
        folder = self.settings.drop / "native"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{feed}-{self.day}.csv").write_text(text)

    def adjust(self, quantity):
        at = (DAY + timedelta(days=self.day - 1)).isoformat()
        row = f"adj-{self.day},{at},EAST,TEE-1,{quantity},count_correction\n"
        self.drop("adjustments", ADJUSTED + row)

    def decide(self, command_type, **payload):
        at = DAY + timedelta(days=self.day, hours=1)
        store = Store(self.settings.command_log)
        log = CommandLog(store, read_policy(), lambda _: Known(), lambda: at)
        (problem,) = self.exceptions()
        content = {"exception_id": problem["exception_id"]} | payload
        log.submit(
            Command(f"command-{self.day}", command_type, content, "ann", Role.OPERATOR, "counted")
        )
        log.close()

    def build(self, *words):
        take_in(self.settings, lambda: DAY + timedelta(days=self.day))
        run_dbt(self.settings, "run", "--select", "+fct_exceptions", *words)
        return self.exceptions()

    def after(self, days, quantity):
        self.day += days
        self.adjust(quantity)
        return self.build()

    def exceptions(self):
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            found = connection.sql("from fct_exceptions order by exception_id").pl()
        return found.to_dicts()


def at(day):
    return (DAY + timedelta(days=day)).replace(tzinfo=None)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the inbox said after each thing that happened."""
    inbox = Inbox(tmp_path_factory.mktemp("inbox"))
    take_in(inbox.settings, lambda: DAY)  # dbt needs a home with a raw schema
    run_dbt(inbox.settings, "seed")
    steps = {
        "opened": inbox.after(0, -3),
        "again": inbox.build(),
        "worse": inbox.after(1, -2),
        "gone": inbox.after(1, 9),
        "refreshed": inbox.build("--full-refresh"),
        "back": inbox.after(1, -6),
    }
    inbox.decide(CommandType.RESOLVE_EXCEPTION, resolution="fixed")
    steps["resolved"] = inbox.after(1, -1)
    steps["not_fixed"] = inbox.after(1, -1)
    inbox.decide(CommandType.ASSIGN_EXCEPTION, assignee="bob")
    steps["assigned"] = inbox.after(1, -1)
    return steps


def test_a_new_problem_is_opened_by_the_build_that_sees_it(told):
    (problem,) = told["opened"]
    assert (problem["exception_type"], problem["state"]) == ("negative_balance", "open")
    assert (problem["quantity"], problem["at_risk_amount"]) == (-3, 12)
    assert (problem["first_seen_at"], problem["opened_at"]) == (at(-1), at(0))
    assert problem["due_at"] == at(1)  # a day after a build saw it, not after it began
    assert not problem["is_overdue"]
    assert problem["priority"] == problem["expected_loss_amount"] * problem["urgency"]
    assert problem["owner_team"] == "Inventory accounting"


def test_a_build_on_the_same_data_changes_nothing(told):
    assert told["again"] == told["opened"]


def test_the_same_problem_stays_one_exception_while_it_grows(told):
    (before,), (problem,) = told["opened"], told["worse"]
    assert problem["exception_id"] == before["exception_id"]
    assert problem["quantity"] == -5
    assert problem["first_seen_at"] == before["first_seen_at"]
    assert (problem["opened_at"], problem["last_seen_at"]) == (at(0), at(1))
    assert problem["due_at"] == before["due_at"]


def test_a_problem_whose_cause_is_gone_closes_itself_and_says_why(told):
    (problem,) = told["gone"]
    assert (problem["state"], problem["state_reason"]) == ("resolved", "cause_gone")
    assert problem["state_detail"] == "Its cause is gone: The balance is not below zero any more."
    assert (problem["last_seen_at"], problem["closed_at"]) == (at(1), at(2))
    assert not problem["is_overdue"]


def test_a_full_refresh_forgets_nothing(told):
    assert told["refreshed"] == told["gone"]


def test_a_problem_that_comes_back_is_the_same_exception_reopened(told):
    (before,), (problem,) = told["gone"], told["back"]
    assert problem["exception_id"] == before["exception_id"]
    assert (problem["state"], problem["state_reason"]) == ("open", "came_back")
    assert (problem["opened_at"], problem["reopened_at"]) == (at(0), at(3))
    assert (problem["first_seen_at"], problem["reopened_count"]) == (at(2), 1)
    assert problem["due_at"] == at(4)
    assert problem["closed_at"] is None


def test_what_somebody_resolved_as_fixed_is_closed_within_its_grace(told):
    (problem,) = told["resolved"]
    assert (problem["state"], problem["state_reason"]) == ("resolved", "fixed")
    assert problem["state_detail"] == "Resolved as fixed by ann: counted"
    assert problem["closed_at"] == at(3) + timedelta(hours=1)
    assert problem["is_present"]


def test_what_is_still_there_after_its_grace_reopens_and_says_so(told):
    (problem,) = told["not_fixed"]
    assert (problem["state"], problem["state_reason"]) == ("open", "still_there")
    assert problem["state_detail"].endswith("24 hours later it is still there.")
    assert problem["closed_at"] is None


def test_what_is_assigned_is_somebodys(told):
    (problem,) = told["assigned"]
    assert (problem["state"], problem["assigned_to"]) == ("assigned", "bob")
    assert problem["state_detail"] == "Assigned to bob by ann: counted"
