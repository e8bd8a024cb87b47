"""Systems that keep stock under codes of their own: an alias nobody listed, a kit counted as one.

A report under such a code has a key beyond the world's: `world.keys` further for the alias of its
SKU, twice that for a kit, which takes the place of a SKU number there. So it is stock of another
place, at the same site.
"""

import numpy as np
import polars as pl

from ingestion.synthetic.clock import DAY, Flags, Ints
from ingestion.synthetic.faults import struck_truth
from ingestion.synthetic.journal import OUTBOUND
from ingestion.synthetic.planting import Planted
from ingestion.synthetic.simulation import History
from ingestion.synthetic.world import World

_FIRST_MONTH = 30 * DAY


def rename_reports(
    history: History, reports: pl.DataFrame, system: str, effect: str, rng: np.random.Generator
) -> tuple[pl.DataFrame, Planted]:
    """Split a system's reports into those under the SKU's code and those under another.

    The truth about the latter is product_mapping or kit_explosion: the SKU lacks what the other
    code has.
    """
    aliased = _aliased(history.world, reports, rng)
    in_kits, kit_key, kits = _kits(history, reports, system, rng)
    parts = [
        _under_another(reports, aliased & ~in_kits, "product_mapping", system, effect, (
            reports["key"].to_numpy().astype(np.int64) + history.world.keys,
            reports["quantity"].to_numpy().astype(np.int64),
        )),
        _under_another(reports, in_kits, "kit_explosion", system, effect, (kit_key, kits)),
    ]  # fmt: skip
    renamed = Planted(
        pl.concat(part.reports for part in parts),
        pl.concat(part.truth for part in parts),
        pl.concat(part.on_time for part in parts),
    )
    return reports.filter(~aliased & ~in_kits), renamed


def _aliased(world: World, reports: pl.DataFrame, rng: np.random.Generator) -> Flags:
    """Whatever happens to some SKUs from a day on."""
    size, clock = world.catalogue.size, world.clock
    chosen = rng.random(size) < world.model.faults.product_mapping
    latest = max(clock.end - _FIRST_MONTH, clock.start + 1)
    since = np.where(chosen, rng.integers(clock.start, latest, size), clock.end + DAY)
    return reports["at"].to_numpy() >= since[world.sku_of(reports["key"].to_numpy())]


def _kits(
    history: History, reports: pl.DataFrame, system: str, rng: np.random.Generator
) -> tuple[Flags, Ints, Ints]:
    """Which reports are about components of kits that a system counts as one, the key of the kit,
    and how many kits; none on a component's report other than the first's."""
    world, n = history.world, len(reports)
    chosen = rng.random(world.kits.size) < world.model.faults.kit_explosion
    outbound = reports["step"].is_in([int(step) for step in OUTBOUND]).to_numpy()
    if system != "shop" or not chosen.any():
        return np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    row = np.where(outbound, reports["row"].to_numpy(), 0)
    part = history["chunks"]["line"][row]
    line = world.lines.order_line[part]
    kit = world.order_lines.product[line] - world.catalogue.size
    struck = outbound & (kit >= 0) & chosen[np.maximum(kit, 0)]
    per_kit = np.maximum(world.lines.quantity[part] // world.order_lines.quantity[line], 1)
    first = np.searchsorted(world.lines.order_line, line) == part
    kits = np.where(first, reports["quantity"].to_numpy() // per_kit, 0)
    site = world.site_of(reports["key"].to_numpy())
    place = world.place(site, np.maximum(kit, 0))
    return struck, 2 * world.keys + place * world.lots, kits


def _under_another(
    reports: pl.DataFrame, struck: Flags, cause: str, system: str, effect: str,
    instead: tuple[Ints, Ints],
) -> Planted:  # fmt: skip
    key, quantity = (values[struck] for values in instead)
    before = reports.filter(struck)
    units = pl.lit(np.abs(quantity))
    signs = [pl.col(name).sign() * units for name in ("on_hand", "available")]
    after = before.with_columns(
        pl.Series("key", key, dtype=pl.Int32), pl.Series("quantity", quantity, dtype=pl.Int32),
        *(sign.cast(pl.Int32) for sign in signs),
    ).filter(pl.col("quantity") != 0)  # fmt: skip
    truth = pl.concat(
        [
            struck_truth(cause, system, before, effect, -1),
            struck_truth(cause, system, after, effect, 1),
        ]
    ).filter(pl.col("quantity") != 0)
    return Planted(after, truth, before)
