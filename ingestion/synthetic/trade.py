"""What is really ordered: cases by business customers at their prices, kits, whole orders."""

from dataclasses import dataclass

import numpy as np

from ingestion.synthetic.catalogue import Catalogue
from ingestion.synthetic.clock import Flags, Floats, Ints
from ingestion.synthetic.demand import Lines, Orders
from ingestion.synthetic.kits import KitRange
from ingestion.synthetic.model import OperatingModel, Scale, Trade

_CUSTOMERS_FROM, _CUSTOMERS_APART = 9_000_000, 10_000
_TRADE_TIER = 2
NO_BUNDLE = -1


@dataclass(frozen=True)
class OrderLines:
    """Arrays with one element per order line, by order; money in cents.

    `product` is a SKU number or, from the assortment's size on, a kit. `quantity` is in units of
    `pack` eaches; `unit_price` is for one of them.
    """

    order: Ints
    number: Ints
    product: Ints
    quantity: Ints
    pack: Ints
    unit_price: Ints
    discount: Ints


@dataclass(frozen=True)
class Parts:
    """Arrays with one element per stocked SKU that an order line asks for, by order line.

    `quantity` is in eaches. Parts of one `bundle` only leave together: those of a kit, and all of
    an order that may only ship complete (NO_BUNDLE: alone, in any part).
    """

    order_line: Ints
    order: Ints
    number: Ints
    sku: Ints
    quantity: Ints
    bundle: Ints


def site_shares(model: OperatingModel) -> Floats:
    """The part of demand that goes to each site first."""
    shares = np.array([site.share for site in model.sites])
    sent = [channel for channel in model.channels if channel.fulfilled_by]
    shares = shares * (1 - sum(channel.share for channel in sent)) if sent else shares
    ids = [site.location_id for site in model.sites]
    for channel in sent:
        shares[ids.index(channel.fulfilled_by or "")] += channel.share
    return shares


def daily_units(
    model: OperatingModel, scale: Scale, catalogue: Catalogue, kits: KitRange
) -> Floats:
    """Expected demand for each SKU over all sites, eaches a day."""
    single = 1 + float(np.dot(np.arange(len(model.units_per_line)), model.units_per_line))
    units = np.full(catalogue.size, single)
    for channel in model.channels:
        if channel.trade is not None:
            trade, cases = channel.trade, np.arange(len(channel.trade.cases)) + 1
            in_cases = trade.case_line_rate * channel.share
            mean = float(np.dot(cases, trade.cases))
            units += in_cases * (mean * catalogue.case_pack - single)
    line_share = model.kits.line_share if model.kits else 0.0
    wanted = catalogue.popularity * units
    if kits.size:
        wanted *= 1 - line_share
        per_kit = kits.popularity[:, None] * kits.quantity[:, 0] * line_share * single
        np.add.at(wanted, kits.component[:, 0], per_kit)
    return wanted * scale.lines / scale.days


def price_percent(trade: Trade, customers: Ints, skus: Ints, catalogue: Catalogue) -> Ints:
    """What each customer pays for each SKU, in percent of its list price."""
    own = (customers % trade.own_price_every == 0) & (catalogue.abc[skus] == 0)
    return trade.price_percent - np.where(own, trade.own_price_percent, 0)


def first_customer(channel: int) -> int:
    """The number of the first business customer of a channel."""
    return _CUSTOMERS_FROM + channel * _CUSTOMERS_APART


def trade_customers(
    model: OperatingModel, channel: Ints, customer: Ints, tier: Ints, rng: np.random.Generator
) -> None:
    """Let the orders of business channels come from their own few customers, in place."""
    for number, kind in enumerate(model.channels):
        if kind.trade is not None:
            theirs = np.flatnonzero(channel == number)
            customer[theirs] = first_customer(number) + (
                rng.zipf(1.4, len(theirs)) % kind.trade.customers
            )
            tier[theirs] = _TRADE_TIER


def order_lines(
    model: OperatingModel, catalogue: Catalogue, kits: KitRange, orders: Orders, drawn: Lines,
    rng: np.random.Generator,
) -> OrderLines:  # fmt: skip
    """Turn single SKUs in eaches into what the customers of each channel really order."""
    n = len(drawn.order)
    product, quantity, discount = drawn.sku.copy(), drawn.quantity.copy(), drawn.discount.copy()
    pack, price = np.ones(n, dtype=np.int64), catalogue.price[drawn.sku].copy()
    channel = orders.channel[drawn.order]
    retail = np.ones(n, dtype=np.bool_)
    for number, kind in enumerate(model.channels):
        if kind.trade is None:
            continue
        rows = np.flatnonzero(channel == number)
        retail[rows], discount[rows] = False, 0
        by_case = rng.random(len(rows)) < kind.trade.case_line_rate
        cases = rng.choice(len(kind.trade.cases), len(rows), p=kind.trade.cases) + 1
        pack[rows] = np.where(by_case, catalogue.case_pack[drawn.sku[rows]], 1)
        quantity[rows] = np.where(by_case, cases, quantity[rows])
        buyer = orders.customer[drawn.order[rows]] - first_customer(number)
        percent = price_percent(kind.trade, buyer, drawn.sku[rows], catalogue)
        price[rows] = price[rows] * percent // 100 * pack[rows]
    if kits.size and model.kits:
        sold = np.flatnonzero(retail & (rng.random(n) < _retail_share(model)))
        kit = rng.choice(kits.size, len(sold), p=kits.popularity)
        product[sold], price[sold], discount[sold] = catalogue.size + kit, kits.price[kit], 0
    return OrderLines(drawn.order, drawn.number, product, quantity, pack, price, discount)


def _retail_share(model: OperatingModel) -> float:
    trade = sum(channel.share for channel in model.channels if channel.trade)
    return model.kits.line_share / (1 - trade) if model.kits else 0.0


def whole_orders(model: OperatingModel, orders: Orders, rng: np.random.Generator) -> Flags:
    """Which orders may only ship complete."""
    rates = np.array([c.trade.whole_order_rate if c.trade else 0.0 for c in model.channels])
    whole = orders.ship_complete == 1
    if rates.any():
        whole |= rng.random(len(whole)) < rates[orders.channel]
    return whole


def parts_of(catalogue: Catalogue, kits: KitRange, orders: Orders, lines: OrderLines) -> Parts:
    """Explode kits by the bill that holds when they are ordered; anything else is its own part."""
    kit = lines.product - catalogue.size
    is_kit = kit >= 0
    slots = kits.component.shape[2] if kits.size else 1
    row = np.repeat(np.arange(len(kit)), np.where(is_kit, slots, 1))
    sku, quantity = lines.product[row], (lines.quantity * lines.pack)[row]
    if is_kit.any():
        exploded = np.flatnonzero(is_kit[row])
        slot = np.arange(len(exploded)) % slots
        which = kit[row[exploded]]
        version = kits.version_at(which, orders.placed_at[lines.order[row[exploded]]])
        sku[exploded] = kits.component[which, version, slot]
        quantity[exploded] *= kits.quantity[which, version, slot]
    order = lines.order[row]
    bundle = np.where(is_kit[row], len(orders.placed_at) + row, NO_BUNDLE)
    bundle = np.where(orders.ship_complete[order] == 1, order, bundle)
    return Parts(row, order, lines.number[row], sku, quantity, bundle)
