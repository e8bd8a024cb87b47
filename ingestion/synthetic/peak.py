"""The last weeks before the end: suppliers stop delivering, and a promotion sells their goods."""

import numpy as np

from ingestion.synthetic.catalogue import Catalogue
from ingestion.synthetic.clock import DAY, Clock, Flags, Floats, Ints
from ingestion.synthetic.model import OperatingModel


def stopped_suppliers(model: OperatingModel, catalogue: Catalogue) -> Flags:
    """The biggest suppliers that together deliver no more than the model's share of demand."""
    shares = np.bincount(catalogue.supplier, catalogue.popularity)
    stopped = np.zeros(len(shares), dtype=np.bool_)
    left = model.stoppage.demand_share
    for supplier in np.argsort(-shares, kind="stable"):
        if shares[supplier] <= left:
            stopped[supplier] = True
            left -= shares[supplier]
    return stopped


def featured_skus(model: OperatingModel, catalogue: Catalogue) -> Ints:
    """The SKUs the promotion advertises: the best sellers of the suppliers that stop."""
    skus = np.flatnonzero(stopped_suppliers(model, catalogue)[catalogue.supplier])
    count = int(np.ceil(model.promotion.featured_sku_share * catalogue.size))
    return skus[np.argsort(-catalogue.popularity[skus], kind="stable")][:count]


def promotion_start(model: OperatingModel, clock: Clock) -> int:
    """The first second of the promotion, which runs to the end."""
    return clock.end - model.promotion.days * DAY


def promoted_part(model: OperatingModel, clock: Clock) -> Floats:
    """Which part of each simulated day lies in the promotion."""
    ends = clock.start + (np.arange(clock.days) + 1) * DAY
    return np.clip((ends - promotion_start(model, clock)) / DAY, 0, 1)


def held_back(model: OperatingModel, clock: Clock, arrives: Ints, stopped: Flags) -> Ints:
    """When goods really arrive that a stopped supplier would have delivered in the stoppage."""
    first = clock.end - model.stoppage.days_before * DAY
    last = clock.end + model.stoppage.days_after * DAY
    struck = stopped & (arrives >= first) & (arrives < last)
    return np.where(struck, arrives + (last - first), arrives)
