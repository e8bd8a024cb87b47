"""Every step that changed or announced stock, as one table: what happened, when, to how much."""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
import polars as pl

from ingestion.synthetic import returns as outcomes
from ingestion.synthetic.clock import HOUR, Flags, Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.model import SiteStep
from ingestion.synthetic.simulation import History
from ingestion.synthetic.stocktaking import (
    CORRECTION,
    DAMAGED,
    EXPIRED,
    OPENING,
    RECALLED,
    SCRAPPED,
)
from ingestion.synthetic.world import Columns


class Step(IntEnum):
    """A kind of event; `table` rows of the history it refers to are in brackets below."""

    RESERVED = 0
    UNRESERVED = 1
    PICKED = 2
    SHORT_PICKED = 3
    PACKED = 4
    SHIPPED = 5
    DELIVERED = 6  # [chunks] up to here
    ANNOUNCED = 7
    ARRIVED = 8
    RECEIVED = 9
    REJECTED = 10
    PUT_AWAY = 11  # [deliveries]
    TRANSFER_SHIPPED = 12
    TRANSFER_RECEIVED = 13
    TRANSFER_PUT_AWAY = 14  # [transfers]
    RETURN_REQUESTED = 15
    RETURN_SHIPPED = 16
    RETURN_RECEIVED = 17
    RETURN_INSPECTED = 18
    RETURN_RESTOCKED = 19
    RETURN_SCRAPPED = 20
    RETURN_REFUNDED = 21  # [returns]
    OPENED = 22
    CORRECTED = 23
    BROKEN = 24
    EXPIRED = 25
    RECALLED = 26
    DISCARDED = 27  # [adjustments]
    QUARANTINED = 28
    RELEASED = 29  # [deliveries]
    LOT_ARRIVED = 30  # [adjustments] long ago: how the lots of the opening stock are known


OUTBOUND = tuple(Step(code) for code in range(7))
RECEIPTS = (*(Step(code) for code in range(7, 12)), Step.TRANSFER_PUT_AWAY, Step.LOT_ARRIVED)
TRANSFERS = (Step.TRANSFER_SHIPPED, Step.TRANSFER_RECEIVED)
RETURNS = tuple(Step(code) for code in range(15, 22))
ADJUSTMENTS = tuple(Step(code) for code in range(22, 30))

SCHEMA = {
    "step": pl.Int8, "row": pl.Int32, "key": pl.Int32, "quantity": pl.Int32, "at": pl.Int64,
    "on_hand": pl.Int32, "available": pl.Int32,
}  # fmt: skip


def write_journal(history: History) -> pl.DataFrame:
    """One row per event: step, row of its table, key, quantity (eaches, positive), instant, and
    its signed effect on the stock on hand and on the available stock of the key.

    A forgotten return has no RETURN_INSPECTED or RETURN_RESTOCKED row until somebody finds it.
    """
    parts = [
        *_outbound(history),
        *_receipts(history["deliveries"]),
        *_transfers(history),
        *_returns(history["returns"]),
        *_adjustments(history["adjustments"], by_lot=history.world.lots > 1),
    ]
    return pl.concat(parts)


def _rows(
    step: Step, keys: Ints, at: Ints, where: Flags, quantity: Ints, effect: tuple[int, int]
) -> pl.DataFrame:
    rows = np.flatnonzero(where & (at < NEVER))
    units = quantity[rows]
    columns = {
        "step": np.full(len(rows), step, dtype=np.int8), "row": rows, "key": keys[rows],
        "quantity": units, "at": at[rows], "on_hand": units * effect[0],
        "available": units * effect[1],
    }  # fmt: skip
    return pl.DataFrame(columns, schema=SCHEMA)


def _outbound(history: History) -> Iterable[pl.DataFrame]:
    chunks = history["chunks"]
    keys, reserved, picked = chunks["key"], chunks["quantity"], chunks["picked"]
    cancelled = chunks["cancelled"] == 1
    short = np.where(cancelled, 0, reserved - picked)
    freed = reserved - picked
    packs = np.array([SiteStep.PACK in site.steps for site in history.world.model.sites])
    packed = packs[history.world.site_of(keys)] & (picked > 0)
    yield _rows(Step.RESERVED, keys, chunks["reserved_at"], reserved > 0, reserved, (0, -1))
    yield _rows(Step.UNRESERVED, keys, chunks["unreserved_at"], freed > 0, freed, (0, 1))
    yield _rows(Step.PICKED, keys, chunks["picked_at"], picked > 0, picked, (0, 0))
    yield _rows(Step.SHORT_PICKED, keys, chunks["picked_at"], short > 0, short, (0, 0))
    yield _rows(Step.PACKED, keys, chunks["packed_at"], packed, picked, (0, 0))
    yield _rows(Step.SHIPPED, keys, chunks["shipped_at"], picked > 0, picked, (-1, 0))
    yield _rows(Step.DELIVERED, keys, chunks["delivered_at"], picked > 0, picked, (0, 0))


def _receipts(table: Columns) -> Iterable[pl.DataFrame]:
    keys, all_rows = table["key"], table["quantity"] > 0
    quantity, rejected = table["quantity"], table["rejected"]
    stored = quantity - rejected
    yield _rows(Step.ANNOUNCED, keys, table["announced_at"], all_rows, quantity, (0, 0))
    yield _rows(Step.ARRIVED, keys, table["arrived_at"], all_rows, quantity, (0, 0))
    yield _rows(Step.RECEIVED, keys, table["received_at"], all_rows, quantity, (1, 0))
    yield _rows(Step.REJECTED, keys, table["rejected_at"], rejected > 0, rejected, (-1, 0))
    yield _rows(Step.PUT_AWAY, keys, table["put_away_at"], stored > 0, stored, (0, 1))
    held_at, released_at = table["quarantined_at"], table["released_at"]
    yield _rows(Step.QUARANTINED, keys, held_at, stored > 0, stored, (0, -1))
    yield _rows(Step.RELEASED, keys, released_at, stored > 0, stored, (0, 1))


def _transfers(history: History) -> Iterable[pl.DataFrame]:
    if "transfers" not in history.tables:
        return
    table = history["transfers"]
    quantity, all_rows = table["quantity"], table["quantity"] > 0
    for step, at, effect, key in (
        (Step.TRANSFER_SHIPPED, "shipped_at", (-1, -1), "leaving"),
        (Step.TRANSFER_RECEIVED, "received_at", (1, 0), "coming"),
        (Step.TRANSFER_PUT_AWAY, "put_away_at", (0, 1), "coming"),
    ):
        yield _rows(step, table[key], table[at], all_rows, quantity, effect)


def _returns(table: Columns) -> Iterable[pl.DataFrame]:
    """An inspection that finds goods unfit for sale or destruction is their disposition."""
    quantity, outcome = table["quantity"], table["outcome"]
    every = quantity > 0
    for step, at, where, effect in (
        (Step.RETURN_REQUESTED, "requested_at", every, (0, 0)),
        (Step.RETURN_SHIPPED, "shipped_back_at", every, (0, 0)),
        (Step.RETURN_RECEIVED, "received_at", every, (1, 0)),
        (Step.RETURN_INSPECTED, "inspected_at", every, (0, 0)),
        (Step.RETURN_RESTOCKED, "disposed_at", outcome == outcomes.RESTOCKED, (0, 1)),
        (Step.RETURN_SCRAPPED, "disposed_at", outcome == outcomes.SCRAPPED, (-1, 0)),
        (Step.RETURN_REFUNDED, "refunded_at", every, (0, 0)),
    ):
        yield _rows(step, table["key"], table[at], where, quantity, effect)


def _adjustments(table: Columns, *, by_lot: bool) -> Iterable[pl.DataFrame]:
    keys = table["key"]
    quantity, reason, at = table["quantity"], table["reason"], table["occurred_at"]
    opened = (reason == OPENING) & by_lot
    yield _rows(Step.LOT_ARRIVED, keys, at - HOUR, opened, quantity, (0, 0))
    for step, code, effect in (
        (Step.OPENED, OPENING, (1, 1)),
        (Step.CORRECTED, CORRECTION, (1, 1)),
        (Step.BROKEN, DAMAGED, (0, -1)),
        (Step.EXPIRED, EXPIRED, (0, -1)),
        (Step.RECALLED, RECALLED, (0, -1)),
        (Step.DISCARDED, SCRAPPED, (-1, 0)),
    ):
        yield _rows(step, keys, at, reason == code, quantity, effect)
