"""Kits: products that are never stocked, only made up of stocked ones when they are picked."""

from dataclasses import dataclass

import numpy as np

from ingestion.synthetic.catalogue import Catalogue
from ingestion.synthetic.clock import DAY, Clock, Floats, Ints
from ingestion.synthetic.demand import NEVER
from ingestion.synthetic.model import Kits

_VERSIONS = 2
_MOST_UNITS = 3
_PRICE_PERCENT = 90
_FIRST_RANK = 2.0
_STEP = 2  # kits n and n + 1 share a component when they have more components than this


@dataclass(frozen=True)
class KitRange:
    """Arrays with one element per kit; money in cents.

    `component` and `quantity` are (kit, version, slot): the bill of materials up to `revised_at`,
    and the one from then on (NEVER: the first one stays).
    """

    codes: tuple[str, ...]
    titles: tuple[str, ...]
    price: Ints
    cost: Ints
    weight: Ints
    popularity: Floats
    component: Ints
    quantity: Ints
    revised_at: Ints

    @property
    def size(self) -> int:
        """How many kits."""
        return len(self.codes)

    def version_at(self, kits: Ints, times: Ints) -> Ints:
        """Which bill of each kit holds at each instant."""
        return (times >= self.revised_at[kits]).astype(np.int64)


def draw_kits(
    kits: Kits | None, catalogue: Catalogue, clock: Clock, rng: np.random.Generator
) -> KitRange:
    """Draw the kits, none where the model sells none."""
    count = max(round(kits.sku_share * catalogue.size), _STEP) if kits else 0
    slots = np.arange(kits.components if kits else 0)
    sellers = np.argsort(-catalogue.popularity, kind="stable")[: max(_STEP * count, 1)]
    first = (_STEP * np.arange(count))[:, None] + slots[None, :]
    second = first.copy()
    second[:, -1:] += _STEP + 1
    component = sellers[np.stack([first, second], axis=1) % len(sellers)]
    quantity = np.repeat(rng.integers(1, _MOST_UNITS, (count, 1, len(slots))), _VERSIONS, axis=1)
    revised = rng.random(count) < (kits.revised_rate if kits else 0)
    middle = (clock.start // DAY + clock.days // 2) * DAY
    weights = 1 / (np.arange(count) + _FIRST_RANK)
    return KitRange(
        codes=tuple(f"SET-{number:04d}" for number in range(count)),
        titles=tuple(f"{catalogue.titles[row[0][0]]} set" for row in component),
        price=(catalogue.price[component] * quantity)[:, 0].sum(axis=1) * _PRICE_PERCENT // 100,
        cost=(catalogue.cost[component] * quantity)[:, 0].sum(axis=1),
        weight=(catalogue.weight[component] * quantity)[:, 0].sum(axis=1),
        popularity=weights / weights.sum() if count else weights,
        component=component,
        quantity=quantity,
        revised_at=np.where(revised, middle, NEVER),
    )
