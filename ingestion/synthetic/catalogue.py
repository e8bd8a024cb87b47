"""The assortment: what each SKU is, costs, how fast it sells and who delivers it."""

from dataclasses import dataclass

import numpy as np

from ingestion.synthetic.clock import Floats, Ints
from ingestion.synthetic.model import OperatingModel, Scale

_STYLES = ("Classic", "Nordic", "Compact", "Trail", "Studio", "Heritage", "Urban", "Lite")
_COLOURS = ("Black", "White", "Blue", "Green", "Red", "Sand", "Grey", "Rose")
_CASE_PACKS, _CASE_WEIGHTS = (1, 6, 12, 24), (0.35, 0.25, 0.25, 0.15)
_ZIPF_EXPONENT, _ZIPF_SHIFT = 0.85, 3.0


@dataclass(frozen=True)
class Catalogue:
    """Arrays with one element per SKU, in SKU order; money in cents, lead times in days.

    SKUs 2k and 2k+1 look alike: same category, neighbouring bins. `popularity` is each SKU's part
    of the single lines; `abc` is 0, 1 or 2 for A, B or C by value of use. `shelf_life` is 0 where
    nothing is kept by lot.
    """

    codes: tuple[str, ...]
    titles: tuple[str, ...]
    category: Ints
    cost: Ints
    price: Ints
    weight: Ints
    case_pack: Ints
    abc: Ints
    popularity: Floats
    supplier: Ints
    lead_days: Floats
    quoted_days: Ints
    shelf_life: Ints

    @property
    def size(self) -> int:
        """How many SKUs."""
        return len(self.codes)

    def look_alike(self, skus: Ints) -> Ints:
        """The SKU each is mistaken for."""
        other = skus ^ 1
        return np.where(other < self.size, other, np.maximum(skus - 1, 0))


def draw_catalogue(model: OperatingModel, scale: Scale, rng: np.random.Generator) -> Catalogue:
    """Draw the assortment of `model` at `scale`: Zipf-like popularity, log-normal cost."""
    n = scale.skus
    category = np.repeat(rng.integers(0, len(model.categories), (n + 1) // 2), 2)[:n]
    ranks = rng.permutation(n)
    popularity = (ranks + _ZIPF_SHIFT) ** -_ZIPF_EXPONENT
    popularity /= popularity.sum()
    cost = np.maximum(np.round(rng.lognormal(6.9, 0.7, n)).astype(np.int64), 80)
    price = np.round(cost * rng.uniform(1.7, 3.0, n) / 100).astype(np.int64) * 100 + 99
    supplier = rng.integers(0, scale.suppliers, (n + 1) // 2).repeat(2)[:n]
    lead = rng.uniform(6, 22, scale.suppliers)[supplier]
    return Catalogue(
        codes=tuple(f"{model.categories[c].prefix}-{i:05d}" for i, c in enumerate(category)),
        titles=_titles(model, category),
        category=category,
        cost=cost,
        price=price,
        weight=rng.integers(60, 4000, n),
        case_pack=rng.choice(_CASE_PACKS, n, p=_CASE_WEIGHTS).astype(np.int64),
        abc=_abc(popularity * cost),
        popularity=popularity,
        supplier=supplier,
        lead_days=lead,
        quoted_days=np.ceil(lead * 0.95).astype(np.int64) + 1,
        shelf_life=_shelf_life(model, n, rng),
    )


def _shelf_life(model: OperatingModel, n: int, rng: np.random.Generator) -> Ints:
    if model.lots is None:
        return np.zeros(n, dtype=np.int64)
    return rng.choice(model.lots.shelf_life_days, n)


def _abc(value: Floats) -> Ints:
    order = np.argsort(-value, kind="stable")
    share = np.cumsum(value[order]) / value.sum()
    classes = np.empty(len(value), dtype=np.int64)
    classes[order] = np.searchsorted((0.7, 0.9), share)
    return classes


def _titles(model: OperatingModel, category: Ints) -> tuple[str, ...]:
    def title(index: int, kind: int) -> str:
        nouns = model.categories[kind].nouns
        style = _STYLES[(index // 2) % len(_STYLES)]
        return f"{style} {nouns[(index // 16) % len(nouns)]} {_COLOURS[index % len(_COLOURS)]}"

    return tuple(title(index, int(kind)) for index, kind in enumerate(category))
