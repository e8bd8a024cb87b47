"""A handful of rows no contract accepts, in one small file each, so that quarantine has guests."""

from pathlib import Path

import polars as pl

from ingestion.synthetic.files import as_text, spelled
from ingestion.synthetic.world import World

_SOUND_ROWS = 10


def write_bad_rows(
    world: World, shop: Path, order_lines: pl.DataFrame
) -> tuple[Path, pl.DataFrame]:
    """Write order_lines-manual-entry.csv: a clerk's corrections, most sound, some impossible.

    `order_lines` are real lines, some of which are sent once more, unchanged. Returns the file and
    the truth about its bad rows, of which there are as many as the model's fault rates say.
    """
    sound = as_text(order_lines.head(_SOUND_ROWS)).cast(pl.String)
    count = world.model.faults.bad_rows
    template = sound.row(0, named=True)
    kinds = (
        ("negative_quantity", {"quantity": "-2"}),
        ("fractional_quantity", {"quantity": "1.5"}),
        ("unknown_sku", {"sku": "NO-SUCH-SKU"}),
        ("impossible_date", {"recorded_at": spelled(world.clock.end)[:4] + "-02-30T08:00:00Z"}),
        ("missing_sku", {"sku": ""}),
    )
    faults = (kinds * -(-count // len(kinds)))[:count]
    bad = [
        template | {"line_id": str(90 + n), "source_event_key": f"manual-{n}"} | change
        for n, (_, change) in enumerate(faults)
    ]
    rows = pl.concat([sound, pl.DataFrame(bad, schema=sound.schema)])
    shop.mkdir(parents=True, exist_ok=True)
    path = shop / "order_lines-manual-entry.csv"
    rows.write_csv(path)
    truth = pl.DataFrame(
        {
            "fault_id": [f"BAD-{n + 1}" for n in range(len(faults))],
            "cause": ["bad_row"] * len(faults), "system": ["shop"] * len(faults),
            "event_keys": [[f"manual-{n}"] for n in range(len(faults))],
            "detail": [name for name, _ in faults],
        },
        schema=dict.fromkeys(("fault_id", "cause", "system"), pl.String)
        | {"event_keys": pl.List(pl.String), "detail": pl.String},
    )  # fmt: skip
    return path, truth
