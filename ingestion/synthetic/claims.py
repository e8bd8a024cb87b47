"""Stock claims: what each system says it has, from what it had recorded by then."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from ingestion.contracts.vocabulary import QuantityKind
from ingestion.synthetic.balance import Timeline, timeline
from ingestion.synthetic.clock import Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.occasions import claim_occasions
from ingestion.synthetic.systems import Role, System
from ingestion.synthetic.world import World

NETWORK = -1  # no location, no channel
SCHEMA = {
    "as_of": pl.Int64, "sku": pl.Int64, "site": pl.Int64, "channel": pl.Int64,
    "quantity_kind": pl.String, "quantity": pl.Int64,
}  # fmt: skip


def claim_stock(world: World, system: System) -> pl.DataFrame:
    """Every claim of one system: as_of, sku, site, channel (-1 for none), kind, quantity.

    Claims are made while nobody works, weekly for the SKUs that sell best, less often for the
    others, and for every SKU on the last day.
    """
    as_of, sku = claim_occasions(world)
    as_of, sku = _with_other_codes(world, system, as_of, sku)
    stock = {kind: _known(world, system, kind) for kind in ("on_hand", "available")}
    makers = {Role.FLOOR: _floor, Role.SHOP: _shop, Role.FINANCE: _finance}
    parts = list(makers[system.role](world, system, stock, as_of, sku))
    return pl.concat(parts).sort("as_of", "sku", "quantity_kind", "site", "channel")


def _with_other_codes(world: World, system: System, as_of: Ints, sku: Ints) -> tuple[Ints, Ints]:
    """Claims are also made of what a system keeps under a code of its own, once it does."""
    other = system.reports.filter(pl.col("key") >= world.keys)
    first = other.group_by("key", maintain_order=True).agg(pl.col("recorded_at").min())
    product = world.product_of(first["key"].to_numpy().astype(np.int64))
    like = np.where(
        product >= world.catalogue.size + world.kits.size,
        product - world.catalogue.size - world.kits.size, 0,
    )  # fmt: skip
    kept = dict(zip(product.tolist(), zip(like, first["recorded_at"], strict=True), strict=True))
    more = [
        (np.flatnonzero((sku == alike) & (as_of >= since)), number)
        for number, (alike, since) in kept.items()
    ]
    rows = np.concatenate([np.arange(len(sku)), *(found for found, _ in more)])
    named = np.concatenate([sku, *(np.full(len(found), number) for found, number in more)])
    return as_of[rows], named


def _known(world: World, system: System, effect: str) -> Timeline:
    """The system's stock by its own clock: its reports, then overrides set and set back."""
    reports = system.reports.filter(pl.col(effect) != 0)
    overrides = system.overrides
    healed = overrides.filter(pl.col("to_at") < NEVER)
    keys = [reports["key"], overrides["key"], healed["key"]]
    instants = [reports["recorded_at"], overrides["from_at"], healed["to_at"]]
    changes = [reports[effect], overrides["quantity"], -healed["quantity"]]
    places = world.place_of(_joined(keys))
    return timeline(places, _joined(instants), _joined(changes))


def _joined(columns: list[pl.Series]) -> Ints:
    return np.concatenate([column.to_numpy().astype(np.int64) for column in columns])


def _frame(
    as_of: Ints, sku: Ints, site: int, channel: int, kind: QuantityKind, quantity: Ints
) -> pl.DataFrame:  # fmt: skip
    n = len(as_of)
    columns = {
        "as_of": as_of, "sku": sku, "site": np.full(n, site), "channel": np.full(n, channel),
        "quantity_kind": [str(kind)] * n, "quantity": quantity,
    }  # fmt: skip
    return pl.DataFrame(columns, schema=SCHEMA)


def _floor(
    world: World, system: System, stock: dict[str, Timeline], as_of: Ints, sku: Ints
) -> Iterable[pl.DataFrame]:
    for site in system.sites:
        places = world.product_place(np.full_like(sku, site), sku)
        for kind in (QuantityKind.ON_HAND, QuantityKind.AVAILABLE):
            yield _frame(as_of, sku, site, NETWORK, kind, stock[kind].at(places, as_of))


def _shop(
    world: World, system: System, stock: dict[str, Timeline], as_of: Ints, sku: Ints
) -> Iterable[pl.DataFrame]:
    total = np.zeros_like(sku)
    for site in system.sites:
        known = stock["available"].at(world.product_place(np.full_like(sku, site), sku), as_of)
        total += known
        yield _frame(as_of, sku, site, NETWORK, QuantityKind.AVAILABLE, known)
    for channel in range(len(world.model.channels)):
        yield _frame(as_of, sku, NETWORK, channel, QuantityKind.SELLABLE_LISTED, total)


def _finance(
    world: World, system: System, stock: dict[str, Timeline], as_of: Ints, sku: Ints
) -> Iterable[pl.DataFrame]:
    places = (world.product_place(np.full_like(sku, site), sku) for site in system.sites)
    known = sum((stock["on_hand"].at(place, as_of) for place in places), np.zeros_like(sku))
    yield _frame(as_of, sku, NETWORK, NETWORK, QuantityKind.BOOKED, known)
