"""When stock is claimed: weekly for the SKUs that sell best, less often for the others."""

import numpy as np

from ingestion.synthetic.clock import DAY, MINUTE, Ints
from ingestion.synthetic.world import World

_BEFORE_TURN = 30 * MINUTE
_FIRST_DAY = 6


def claim_occasions(world: World) -> tuple[Ints, Ints]:
    """Every instant and SKU of the catalogue that is claimed: while nobody works, in the order of
    days, and for every SKU on the last day."""
    clock = world.clock
    last = clock.days - 1
    days = np.arange(_FIRST_DAY, clock.days)
    due = (last - days)[:, None] % claim_periods(world)[None, :] == 0
    day, sku = np.nonzero(due)
    return clock.start + days[day] * DAY - _BEFORE_TURN, sku


def claim_periods(world: World) -> Ints:
    """Days from one claim to the next, by SKU of the catalogue."""
    rank = np.argsort(np.argsort(-world.catalogue.popularity, kind="stable"), kind="stable")
    return np.where(rank < world.scale.weekly_claim_skus, 7, world.scale.claim_period_days)
