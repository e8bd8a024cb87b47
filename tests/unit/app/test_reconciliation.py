from datetime import date, datetime

import polars as pl
import pytest

from app.charts.claim import clocks
from app.charts.reconciliation import members
from app.queries import claim, reconciliation
from app.queries.reconciliation import ClaimFilter

MONDAY = datetime(2026, 3, 2, 8)  # noqa: DTZ001 - the warehouse keeps naive UTC
TUESDAY = datetime(2026, 3, 3, 8)  # noqa: DTZ001
EVERY = ClaimFilter()


@pytest.fixture
def variance():
    """Makes a row of recon_variances."""

    def make(claim_id, claimed, ledger, **columns):
        return {
            "claim_id": claim_id,
            "system": "shop",
            "location_id": "east",
            "sku": "TEE-1",
            "quantity_kind": "available",
            "scope": "available",
            "claimed_quantity": claimed,
            "ledger_quantity": ledger,
            "variance_quantity": claimed - ledger,
            "variance_amount": 4 * (claimed - ledger),
            "is_known_sku": True,
            "as_of": TUESDAY,
            "recorded_at": TUESDAY,
        } | columns

    return make


SHIPPED, RESTOCKED = "wms:fulfilment_events.shipped:1", "shop:returns.restocked:1"


def cause(claim_id, name, quantity, evidence=(), **columns):
    return {
        "claim_id": claim_id,
        "system": "shop",
        "sku": "TEE-1",
        "cause": name,
        "quantity": quantity,
        "amount": 4 * quantity,
        "confidence": 1,
        "evidence": list(evidence),
        "since_at": MONDAY,
    } | columns


def incident(incident_id, name, quantity, **columns):
    return {
        "incident_id": incident_id,
        "system": "shop",
        "location_id": "east",
        "sku": "TEE-1",
        "cause": name,
        "quantity": quantity,
        "net_quantity": quantity,
        "amount": 4 * quantity,
        "confidence": 1,
        "quantity_kinds": ["available"],
        "shown_in": ["east"],
        "claim_count": 1,
        "last_claim_id": "now",
        "is_mending": False,
        "began_at": MONDAY,
        "detected_at": TUESDAY,
        "ended_at": None,
    } | columns


@pytest.fixture
def disputed(publish_rows, product, places, variance):
    return publish_rows(
        recon_variances=[
            variance("old", 9, 1, as_of=MONDAY),
            variance("now", 7, 5),
            variance("tied", 4, 4, location_id="west"),
            variance("listed", 1, 4, location_id=None, channel_id="market", sku="MUG-1"),
        ],
        recon_causes=[
            cause("old", "unexplained", 8),
            cause("now", "missing_shipment", 3, [SHIPPED]),
            cause("now", "manual_override", -2, ["now"]),
            cause("now", "duplicate_event", 1, [RESTOCKED]),
            cause("listed", "unexplained", -3, ["listed"], sku="MUG-1"),
        ],
        recon_incidents=[
            incident("i1", "missing_shipment", 3, quantity_kinds=["available", "sellable_listed"]),
            incident("i2", "manual_override", -2),
            incident("i3", "wrong_location", 1, net_quantity=0),
            incident("i4", "sync_delay", 9, is_mending=True),
            incident("i5", "missing_receipt", 50, ended_at=TUESDAY),
            incident("i6", "manual_override", 2, sku="MUG-1", system="wms"),
        ],
        recon_evidence=[
            {
                "evidence_id": evidence_id,
                "system": system,
                "told_of": told_of,
                "sku": "TEE-1",
                "quantity": quantity,
                "occurred_at": occurred_at,
                "recorded_at": TUESDAY,
            }
            for evidence_id, system, told_of, quantity, occurred_at in (
                (SHIPPED, "wms", "fulfilment_events.shipped", 3, MONDAY),
                (RESTOCKED, "shop", "returns.restocked", 1, MONDAY),
                ("finance:returns.restocked:1", "finance", "returns.restocked", 1, MONDAY),
                ("now", "shop", "claim", 7, TUESDAY),
            )
        ],
        dim_products=[product()],
        **places,
    )


def test_only_the_latest_claim_of_a_place_and_sku_stands(disputed):
    now = reconciliation.standing(disputed, EVERY)
    assert (now.claim_count, now.off_count) == (3, 2)


def test_what_stands_is_counted_once_however_many_channels_show_it(disputed):
    now = reconciliation.standing(disputed, EVERY)
    assert (now.incident_count, now.gross_quantity, now.gross_amount) == (4, 8, 32)
    assert (now.mending_quantity, now.mending_amount) == (9, 36)
    listed = reconciliation.standing(disputed, ClaimFilter(quantity_kind="sellable_listed"))
    assert (listed.incident_count, listed.gross_quantity) == (1, 3)


def test_the_explained_share_counts_units_with_a_cause_and_never_nets_them(disputed):
    assert reconciliation.standing(disputed, EVERY).explained_rate == pytest.approx(6 / 9)


def test_without_variance_the_explained_share_is_unknown(disputed):
    assert reconciliation.standing(disputed, ClaimFilter(system="wms")).explained_rate is None


def test_a_claim_without_a_location_is_placed_by_its_channel(disputed):
    places = reconciliation.by_place(disputed, EVERY)
    assert places.select("place", "off_count", "net_quantity").rows() == [
        ("East", 1, 2),
        ("Marketplace", 1, -3),
        ("West", 0, 0),
    ]


def test_causes_are_those_of_what_stands(disputed):
    causes = reconciliation.by_cause(disputed, EVERY)
    assert causes.select("cause", "gross_quantity", "net_quantity").rows() == [
        ("sync_delay", 9, 9),
        ("manual_override", 4, 0),
        ("missing_shipment", 3, 3),
        ("wrong_location", 1, 0),
    ]


def test_claims_are_chosen_by_the_causes_they_have(disputed):
    assert reconciliation.claimed_causes(disputed, EVERY) == [
        "missing_shipment", "unexplained", "manual_override", "duplicate_event",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "cause", "only_standing", "expected"),
    [
        (EVERY, None, True, ["i4", "i1", "i2", "i6", "i3"]),
        (EVERY, None, False, ["i4", "i1", "i2", "i6", "i3", "i5"]),
        (EVERY, "manual_override", True, ["i2", "i6"]),
        (ClaimFilter(search="mug"), None, True, ["i6"]),
    ],
)
def test_incidents_are_listed_one_by_one(disputed, chosen, cause, only_standing, expected):
    listed = reconciliation.incidents(disputed, chosen, cause, 10, only_standing=only_standing)
    assert listed["incident_id"].to_list() == expected


@pytest.mark.parametrize(
    ("chosen", "cause", "expected"),
    [
        (EVERY, None, ["listed", "now"]),
        (EVERY, "manual_override", ["now"]),
        (ClaimFilter(search=" mug"), None, ["listed"]),
        (ClaimFilter(quantity_kind="booked"), None, []),
    ],
)
def test_claims_that_do_not_tie_are_listed_by_the_money_at_stake(disputed, chosen, cause, expected):
    assert reconciliation.claims(disputed, chosen, cause, 10)["claim_id"].to_list() == expected


def test_the_trend_has_every_statement_and_leaves_out_counts(disputed):
    days = reconciliation.trend(disputed, ClaimFilter(search="TEE-1"))
    assert days.select("gross_quantity", "claim_count").rows() == [(8, 1), (2, 2)]


def test_a_count_is_no_statement(publish_rows, variance):
    counted = publish_rows(recon_variances=[variance("c", 1, 2, count_id="C1")])
    assert reconciliation.trend(counted, EVERY).is_empty()


def test_the_causes_of_a_claim_lead_from_the_ledger_to_what_was_claimed(disputed):
    found = claim.claim(disputed, "now")
    causes = claim.causes(disputed, "now")
    assert found.ledger_quantity + causes["quantity"].sum() == found.claimed_quantity


def test_evidence_is_each_event_or_claim_that_is_named_on_both_clocks(disputed):
    evidence = claim.evidence(disputed, "now")
    assert evidence.select("cause", "system", "event", "sku", "quantity", "occurred_at").rows() == [
        ("duplicate_event", "shop", "returns.restocked", "TEE-1", 1, MONDAY),
        ("missing_shipment", "wms", "fulfilment_events.shipped", "TEE-1", 3, MONDAY),
        ("manual_override", "shop", "claim", "TEE-1", 7, TUESDAY),
    ]


def test_the_clocks_draw_what_has_an_instant_and_nothing_else(disputed):
    evidence = claim.evidence(disputed, "now")
    drawn = clocks(evidence, TUESDAY)
    assert {trace.name for trace in drawn.data} == {"wms", "shop", "Happened", "Recorded"}
    nothing = pl.lit(None, pl.Datetime("us"))
    assert clocks(evidence.with_columns(occurred_at=nothing), TUESDAY) is None


def test_an_unknown_claim_is_not_found(disputed):
    assert claim.claim(disputed, "no-such") is None


def test_a_claim_far_from_its_evidence_leaves_the_clocks_room(disputed):
    evidence = claim.evidence(disputed, "now").filter(pl.col("event") == "returns.restocked")
    (start, end) = clocks(evidence, datetime(2026, 9, 1)).layout.xaxis.range  # noqa: DTZ001
    assert start < MONDAY < TUESDAY < end < datetime(2026, 4, 1)  # noqa: DTZ001


def test_incidents_are_listed_by_their_side_the_most_units_first(publish_rows, places):
    side = {"net_quantity": 1, "amount": 4, "explained_share": 1.0, "commonest_cause": "cut_off"}
    side |= {"median_hours_to_detect": 2.0, "p90_hours_to_detect": 9.0, "standing_count": 0}
    reader = publish_rows(
        dim_suppliers=[],
        recon_rollups=[
            side | {"dimension": "location", "member": "east", "incident_count": 1, "quantity": 3},
            side | {"dimension": "location", "member": "west", "incident_count": 2, "quantity": 5},
            side | {"dimension": "cause", "member": "cut_off", "incident_count": 3, "quantity": 8},
        ],
        **places,
    )

    shown = reconciliation.rollup(reader, "location", 10)

    assert shown["quantity"].to_list() == [5, 3]
    assert members(shown, "location").data[0].x == (5, 3)


def test_the_books_are_compared_month_by_month_the_newest_first(publish_rows):
    posted = {"system": "finance", "posted_quantity": 1, "ledger_quantity": 2, "ledger_amount": 8}
    posted |= {"difference_quantity": -1, "of_quantity_amount": -4, "of_price_amount": 1}
    posted |= {"posted_amount": 5, "difference_amount": -3}
    reader = publish_rows(
        recon_values=[
            posted | {"sku": "TEE-1", "month_on": date(2026, 2, 1)},
            posted | {"sku": "MUG-1", "month_on": date(2026, 2, 1)},
            posted | {"sku": "TEE-1", "month_on": date(2026, 3, 1)},
        ]
    )

    shown = reconciliation.books(reader)

    assert shown["month_on"].to_list() == [date(2026, 3, 1), date(2026, 2, 1)]
    assert shown["difference_amount"].to_list() == [-3, -6]
    assert shown["closing_difference_amount"].to_list() == [-9, -6]
    assert shown["closing_difference_quantity"].to_list() == [-3, -2]


def test_an_oversold_line_names_the_cause_that_misled_its_channel_most(publish_rows, places):
    line = {"order_id": "o1", "line_id": "1", "sku": "TEE-1", "channel_id": "shop"}
    reader = publish_rows(
        fct_oversells=[
            line
            | {"ordered_quantity": 2, "cancelled_quantity": 2, "short_quantity": 0}
            | {"listed_quantity": 5, "free_quantity": 0, "network_quantity": -1}
            | {"is_oversold": True, "amount": 8}
            | {"listed_at": MONDAY, "placed_at": TUESDAY}
        ],
        fct_oversell_causes=[
            line | {"cause": "sync_delay", "is_leading": True},
            line | {"cause": "stale_listing", "is_leading": False},
        ],
        **places,
    )

    shown = reconciliation.oversells(reader, 10)

    assert shown["leading_cause"].to_list() == ["sync_delay"]
