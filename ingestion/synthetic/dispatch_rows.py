"""What carriers and time clocks report of the outbound flow: parcels and shifts."""

import numpy as np
import polars as pl

from ingestion.synthetic.clock import DAY, HOUR, Ints
from ingestion.synthetic.simulation import History
from ingestion.synthetic.spelling import (
    carrier_name,
    lineage,
    moment,
    tracking_number,
    worker_code,
)

_FAILED_ATTEMPTS = 0.03
_MILESTONES = ("picked_up", "delivery_failed", "delivered")
_ATTEMPT_EARLIER = (20 * HOUR, 26 * HOUR)
_SCAN_LAG = 5 * 60


def carrier_rows(history: History, rng: np.random.Generator) -> pl.DataFrame:
    """Rows of carrier_events: each parcel is picked up, sometimes not handed over, delivered."""
    chunks, end = history["chunks"], history.world.clock.end
    sent = np.flatnonzero((chunks["picked"] > 0) & (chunks["shipped_at"] <= end))
    shipped, delivered = chunks["shipped_at"][sent], chunks["delivered_at"][sent]
    tried = delivered - rng.integers(*_ATTEMPT_EARLIER, len(sent))
    failed = (rng.random(len(sent)) < _FAILED_ATTEMPTS) & (tried > shipped + HOUR)
    instants = (shipped + rng.integers(60, HOUR, len(sent)), tried, delivered)
    kept = (slice(None), failed, slice(None))
    facts = pl.concat(
        pl.DataFrame(
            {"row": sent[rows], "at": at[rows], "milestone": np.full(len(sent[rows]), number)}
        )
        for number, (at, rows) in enumerate(zip(instants, kept, strict=True))
    )
    return _spelled_milestones(facts.filter(pl.col("at") + _SCAN_LAG <= end), chunks["line"])


def _spelled_milestones(facts: pl.DataFrame, lines: Ints) -> pl.DataFrame:
    row = facts["row"].to_numpy()
    tracking = tracking_number(row)
    return facts.with_columns(
        source_system=pl.lit("carrier"), seconds=pl.col("at") + _SCAN_LAG,
        recorded=pl.from_epoch(pl.col("at") + _SCAN_LAG, "s"),
        source_event_key=tracking + "-" + facts["milestone"].cast(pl.String),
        tracking_number=tracking, carrier=carrier_name(lines[row]),
        status=pl.Series(_MILESTONES).gather(facts["milestone"]),
        detail=pl.when(pl.col("milestone") == 1).then(pl.lit("nobody at the door")),
    ).select(
        *lineage(), "tracking_number", "status", moment("at").alias("occurred_at"), "carrier",
        "detail", "seconds",
    )  # fmt: skip


def shift_rows(history: History) -> pl.DataFrame:
    """Rows of worker_shifts: the hours in which each worker really picked or packed."""
    world, chunks = history.world, history["chunks"]
    done = np.flatnonzero(chunks["picked"] > 0)
    key, started = chunks["key"][done], chunks["started_at"][done]
    days = world.clock.local(started, world.site_of(key)) // DAY
    work = pl.DataFrame(
        {
            "worker_id": worker_code(world, key, chunks["line"][done]), "day": days,
            "site": world.site_of(key), "from": started, "to": chunks["packed_at"][done],
        }
    )  # fmt: skip
    shifts = (
        work.group_by("worker_id", "site", "day", maintain_order=True)
        .agg(pl.col("from").min() // HOUR * HOUR, (pl.col("to").max() // HOUR + 1) * HOUR)
        .filter(pl.col("to") + _SCAN_LAG <= world.clock.end)
    )
    locations = pl.Series([site.location_id for site in world.model.sites])
    return shifts.with_columns(
        source_system=pl.lit("time_clock"), seconds=pl.col("to") + _SCAN_LAG,
        recorded=pl.from_epoch(pl.col("to") + _SCAN_LAG, "s"),
        source_event_key=pl.concat_str("worker_id", "from", separator="|"),
        location_id=locations.gather(shifts["site"]), task=pl.lit("pick"),
    ).select(
        *lineage(), "worker_id", "location_id", moment("from").alias("started_at"),
        moment("to").alias("ended_at"), "task", "seconds",
    )  # fmt: skip
