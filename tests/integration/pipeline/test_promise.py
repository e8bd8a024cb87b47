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
        where (kind <> 'total' or term = 'free')
            -- the network leaves out what places lack, and lets places promise what is left
            and term not in ('lacking_elsewhere', 'kept_for_network')
            and not (term in ('free', 'overdrawn') and location_id = '*')
    ),
    shown as (
        select sku, location_id, channels.channel_id, term, sum(quantity)::bigint as quantity
        from fct_availability_evidence as evidence
        inner join dim_channels as channels
            on coalesce(evidence.channel_id, channels.channel_id) = channels.channel_id
        where is_counted and not (term in ('free', 'overdrawn') and location_id = '*')
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


def test_no_place_promises_more_than_the_network(published):
    over = published.execute(
        """
        select count(*) from fct_availability as places
        inner join fct_availability as network using (sku, channel_id)
        where network.location_id = '*' and places.signed_atp_quantity > network.signed_atp_quantity
        """
    ).fetchone()
    assert over == (0,)


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
        where row_number is null or file_name is null
            or event_id is null and term not in ('supply', 'undated_supply')
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


def test_an_explanation_speaks_for_every_channel_or_the_one_asked_for(
    explain, asked_for, published
):
    channels = [
        channel
        for (channel,) in published.execute(
            "select channel_id from dim_channels order by channel_priority, channel_id"
        ).fetchall()
    ]
    every = json.loads(explain(asked_for, "--json").stdout)
    one = json.loads(explain(asked_for, "--channel", channels[-1], "--json").stdout)
    assert [promise["channel_id"] for promise in every["promises"]] == channels
    assert one["promises"] == every["promises"][-1:]


def test_every_day_of_the_horizon_has_a_promise_whose_terms_add_up(published):
    days, promises, astray, today_astray, beyond = published.execute(
        """
        select count(distinct by_day.day), count(*) filter (where by_day.day = 0),
            count(*) filter (where by_day.signed_atp_quantity <> by_day.free_quantity
                - by_day.overdrawn_quantity + by_day.supply_so_far_quantity
                - by_day.demand_so_far_quantity - by_day.owed_later_quantity
                - by_day.safety_stock_quantity - by_day.buffer_quantity
                - by_day.kept_for_network_quantity),
            count(*) filter (where by_day.day = 0
                and by_day.signed_atp_quantity <> today.signed_atp_quantity),
            count(*) filter (where by_day.signed_atp_quantity > network.signed_atp_quantity)
        from fct_availability_by_day as by_day
        inner join fct_availability as today using (sku, location_id, channel_id)
        inner join fct_availability_by_day as network
            on by_day.sku = network.sku and by_day.channel_id = network.channel_id
            and by_day.day = network.day and network.location_id = '*'
        """
    ).fetchone()
    (stated,) = published.execute("select count(*) from fct_availability").fetchone()
    assert (days, promises) == (28, stated)
    assert (astray, today_astray, beyond) == (0, 0, 0)


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
