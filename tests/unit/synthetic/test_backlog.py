"""At the end there is something to decide: a backlog that free stock serves only in part."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from ingestion.synthetic.clock import clock_until
from ingestion.synthetic.demand import expected_lines
from ingestion.synthetic.model import Promotion, Stoppage, scale_named
from ingestion.synthetic.scenarios import operating_model

Rows = Callable[..., pl.DataFrame]
Business = Callable[..., tuple[Rows, pl.DataFrame]]
LINE = ["order_id", "line_id"]
ENDS = (
    (7, datetime(2026, 11, 24, tzinfo=UTC)),
    (3, datetime(2026, 9, 1, 12, tzinfo=UTC)),
    (5, datetime(2027, 3, 3, 7, tzinfo=UTC)),
)


@dataclass(frozen=True)
class Ending:
    """One business at its end: `waiting` lines nobody reserved, `held` ones that may not be."""

    rows: Rows
    end: datetime
    waiting: pl.DataFrame
    held: pl.DataFrame
    free: pl.DataFrame


def ending(rows: Rows, moves: pl.DataFrame, end: datetime) -> Ending:
    latest = rows("orders").sort("recorded_at", maintain_order=True)
    latest = latest.group_by("order_id", maintain_order=True).last()
    is_held = (pl.col("payment_status") == "pending") | (pl.col("fraud_status") == "review")
    live = latest.filter(pl.col("cancelled_at").is_null())
    signs = {"reserved": 1, "unreserved": -1}
    taken = rows("fulfilment_events", "floor").filter(pl.col("event_type").is_in(list(signs)))
    taken = taken.group_by(LINE).agg(
        taken=(pl.col("quantity") * pl.col("event_type").replace_strict(signs)).sum()
    )
    lines = rows("order_lines").join(live.with_columns(is_held=is_held), on="order_id")
    lines = lines.join(taken, on=LINE, how="left").with_columns(
        open=pl.col("quantity") - pl.col("taken").fill_null(0)
    )
    lines = lines.filter(pl.col("open") > 0)
    available = moves.filter(pl.col("state") == "available")
    free = available.group_by("sku").agg(free=pl.col("change").sum())
    return Ending(
        rows,
        end.replace(tzinfo=None),
        lines.filter(~pl.col("is_held")),
        lines.filter("is_held"),
        free,
    )


@pytest.fixture(scope="module")
def endings(business: Business) -> list[Ending]:
    return [ending(*business(seed, end), end) for seed, end in ENDS]


def served(found: Ending) -> pl.DataFrame:
    """The waiting lines, and whether what is free suffices for them in the order placed."""
    demand = found.waiting.sort("placed_at", "order_id", "line_id")
    demand = demand.with_columns(upto=pl.col("open").cum_sum().over("sku"))
    return demand.join(found.free, on="sku", how="left").with_columns(pl.col("free").fill_null(0))


def test_dozens_of_lines_of_every_channel_wait_for_a_reservation(endings: list[Ending]):
    for found in endings:
        assert 40 <= len(found.waiting) <= 120
        assert found.waiting["channel_id"].n_unique() == 3


def test_free_stock_serves_most_waiting_lines_but_not_all(endings: list[Ending]):
    for found in endings:
        lines = served(found)
        enough = lines.filter(pl.col("upto") <= pl.col("free"))
        assert len(lines) / 2 < len(enough) < len(lines)


def test_lines_compete_for_the_last_units_of_a_sku(endings: list[Ending]):
    lines = pl.concat([served(found) for found in endings], how="diagonal_relaxed")
    assert not lines.filter(pl.col("free").is_between(1, pl.col("upto") - 1)).is_empty()
    assert not lines.filter(pl.col("free") == 0).is_empty()


def test_a_few_lines_are_on_hold(endings: list[Ending]):
    held = [len(found.held) for found in endings]
    assert sum(held) > 0
    assert max(held) < 20


def test_purchase_orders_of_the_stopped_suppliers_are_overdue(endings: list[Ending]):
    for found in endings:
        orders = found.rows("purchase_orders").sort("recorded_at", maintain_order=True)
        latest = orders.group_by("po_id", "line_id").last()
        late = latest.filter((pl.col("status") == "late") & (pl.col("due_at") < found.end))
        assert len(late) >= 4
        beyond = late.filter(pl.col("revised_due_at") > found.end + timedelta(days=7))
        assert not beyond.is_empty()


def reserved(found: Ending) -> pl.DataFrame:
    events = found.rows("fulfilment_events", "floor")
    return events.filter(pl.col("event_type") == "reserved")


def test_lines_are_reserved_in_waves(endings: list[Ending]):
    day_turn = 9
    hours = {int(day_turn + hour) for hour in operating_model("dtc").wave_hours}
    for found in endings:
        events = reserved(found)
        assert set(events["occurred_at"].dt.hour()) == hours
        assert (events["occurred_at"].dt.minute() < 10).all()


def test_no_site_reserves_more_lines_a_day_than_it_is_staffed_for(endings: list[Ending]):
    for (_, end), found in zip(ENDS, endings, strict=True):
        model, scale = operating_model("dtc"), scale_named("small")
        clock = clock_until(end, scale.days, model.sites)
        planned = expected_lines(model, scale, clock)
        planned += model.spare_staff * planned.mean()
        day = (pl.col("occurred_at").dt.epoch("s") - clock.start) // 86_400
        for site in model.sites:
            at_site = reserved(found).filter(pl.col("location_id") == site.location_id)
            counts = at_site.group_by(day=day).len()
            room = np.ceil(planned * site.share)[counts["day"].to_numpy()]
            assert (counts["len"].to_numpy() <= room).all()
            assert (counts["len"].to_numpy() == room).any()


def test_what_was_ordered_since_the_last_wave_waits(endings: list[Ending]):
    fresh = [
        found.waiting.filter(pl.col("placed_at") > reserved(found)["occurred_at"].max())
        for found in endings
    ]
    assert sum(map(len, fresh)) > 0


def test_without_promotion_and_stoppage_little_is_left(business: Business, endings: list[Ending]):
    calm = replace(
        operating_model("dtc"), promotion=Promotion(uplift=0), stoppage=Stoppage(demand_share=0)
    )
    for (seed, end), troubled in zip(ENDS, endings, strict=True):
        quiet = ending(*business(seed, end, calm), end)
        assert len(quiet.waiting) < len(troubled.waiting) / 2
