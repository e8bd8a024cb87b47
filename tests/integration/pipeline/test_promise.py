"""A promise can be followed: its terms add up, and events of named files stand behind each."""

import csv
import json

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from ingestion.generations import open_current

BEHIND = """
    with
    told as (
        select sku, location_id, channel_id, term, quantity from fct_availability_terms
        where kind <> 'total' and term <> 'lacking_elsewhere'
            or term = 'free' and location_id <> '*'
    ),
    shown as (
        select sku, location_id, channels.channel_id, term, sum(quantity)::bigint as quantity
        from fct_availability_evidence as evidence
        inner join dim_channels as channels
            on coalesce(evidence.channel_id, channels.channel_id) = channels.channel_id
        where is_counted and not (term = 'free' and location_id = '*')
        group by all having sum(quantity) <> 0
    )
"""


@pytest.fixture(scope="module")
def published(demo_home):
    _, connection = open_current(demo_home)
    with connection:
        yield connection


@pytest.fixture
def explain(demo_home):
    def call(*words):
        return CliRunner().invoke(app, ["explain", *words, "--home", str(demo_home.root)])

    return call


@pytest.fixture
def asked_for(published):
    """The SKU customers wait for most."""
    return published.execute(
        "select sku from fct_availability where location_id = '*' "
        "order by open_demand_quantity desc, sku limit 1"
    ).fetchone()[0]


def test_the_steps_of_every_promise_add_up_to_it(published):
    promises, astray = published.execute(
        """
        with
        added as (
            select sku, location_id, channel_id,
                sum(quantity) filter (where kind = 'step' or term = 'on_hand') as quantity
            from fct_availability_terms group by all
        )
        select count(*), count(*) filter (where quantity <> signed_atp_quantity)
        from added inner join fct_availability using (sku, location_id, channel_id)
        """
    ).fetchone()
    assert promises > 100
    assert astray == 0


def test_the_events_behind_a_term_sum_to_it_everywhere(published):
    (terms,) = published.execute(f"{BEHIND} select count(*) from told").fetchone()
    astray = published.execute(
        f"{BEHIND} (from told where quantity <> 0 except from shown) "
        "union all (from shown except from told)"
    ).fetchall()
    assert terms > 100
    assert astray == []


def test_every_event_behind_a_promise_names_its_file_and_row(published):
    nameless = published.execute(
        """
        select count(*) from fct_availability_evidence
        where row_number is null or file_name is null or event_id is null and term <> 'supply'
        """
    ).fetchone()
    assert nameless == (0,)


def test_the_row_behind_a_demand_is_the_order_line_in_the_landed_file(
    demo_home, explain, asked_for
):
    found = json.loads(explain(asked_for, "--json").stdout)
    order_line = next(event for event in found["evidence"] if event["term"] == "demand")
    (landed,) = [
        path for path in demo_home.drop.rglob(order_line["file_name"]) if path.suffix == ".csv"
    ]
    with landed.open(newline="") as file:
        row = list(csv.DictReader(file))[order_line["row_number"] - 1]
    assert f"{row['order_id']} · {row['line_id']}" == order_line["reference"]


def test_an_explanation_reads_from_stock_to_promise(explain, asked_for):
    said = explain(asked_for).stdout
    for wanted in ("may promise", "on hand", "free", "signed atp", "Day by day", "behind it"):
        assert wanted in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["NO-SUCH-SKU"], "No product has the SKU NO-SUCH-SKU"),
        (["{sku}", "nowhere"], "There is no location nowhere. Name one of"),
        (["{sku}", "--channel", "fax"], "There is no channel fax. Name one of"),
    ],
)
def test_what_nobody_knows_is_named_with_what_comes_close(explain, asked_for, words, said):
    answer = explain(*(word.format(sku=asked_for) for word in words))
    assert answer.exit_code == 1
    assert said in " ".join(answer.stderr.split())
