"""A handful of rows no contract accepts, in one small file each, so that quarantine has guests."""

from pathlib import Path

import polars as pl

from ingestion.synthetic.files import as_text, spelled
from ingestion.synthetic.world import World

ROLL, EACHES_IN_TWO_ROLLS = "roll", 25
_SOUND_ROWS = 10
_TRUTH_SCHEMA = {
    "fault_id": pl.String, "cause": pl.String, "system": pl.String,
    "event_keys": pl.List(pl.String), "detail": pl.String,
}  # fmt: skip
_KINDS = ("negative_quantity", "fractional_quantity", "unknown_sku", "impossible_date", "no_sku")


def write_bad_rows(
    world: World, shop: Path, order_lines: pl.DataFrame
) -> tuple[Path, pl.DataFrame]:
    """Write order_lines-manual-entry.csv: a clerk's corrections, most sound, some impossible.

    `order_lines` are real lines, some of which are sent once more, unchanged. Returns the file and
    the truth about its bad rows, of which there are as many as the model's fault rates say.
    """
    count = world.model.faults.bad_rows
    kinds = (_KINDS * -(-count // len(_KINDS)))[:count]
    sound = as_text(order_lines.head(_SOUND_ROWS)).cast(pl.String)
    bad = [
        sound.row(0, named=True)
        | {"line_id": str(90 + number), "source_event_key": f"manual-{number}"}
        | _mistake(kind, world.clock.end)
        for number, kind in enumerate(kinds)
    ]
    shop.mkdir(parents=True, exist_ok=True)
    path = shop / "order_lines-manual-entry.csv"
    pl.concat([sound, pl.DataFrame(bad, schema=sound.schema)]).write_csv(path)
    return path, _truth(kinds)


def _mistake(kind: str, end: int) -> dict[str, str]:
    return {
        "negative_quantity": {"quantity": "-2"},
        "fractional_quantity": {"quantity": "1.5"},
        "unknown_sku": {"sku": "NO-SUCH-SKU"},
        "impossible_date": {"recorded_at": f"{spelled(end)[:4]}-02-30T08:00:00Z"},
        "no_sku": {"sku": ""},
    }[kind]


def in_rolls(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows once more under keys of their own, in odd numbers of rolls of 12.5 eaches."""
    number = pl.int_range(1, len(rows) + 1)
    lines = {
        name: pl.concat_str(pl.lit("8"), number.cast(pl.String))
        for name in ("line_id", "po_line_id")
        if name in rows.columns
    }
    return rows.with_columns(
        source_event_key=pl.concat_str("source_event_key", pl.lit("-roll")),
        quantity=2 * number - 1, uom=pl.lit(ROLL), **lines,
    )  # fmt: skip


def roll_truth(system: str, feed: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The truth about rows in rolls: none of them is a whole number of eaches."""
    keys = rows["source_event_key"].to_list()
    return pl.DataFrame(
        {
            "fault_id": [f"ROLL-{feed}-{number + 1}" for number in range(len(keys))],
            "cause": ["fractional_conversion"] * len(keys), "system": [system] * len(keys),
            "event_keys": [[key] for key in keys], "detail": [feed] * len(keys),
        },
        schema=_TRUTH_SCHEMA,
    )  # fmt: skip


def _truth(kinds: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "fault_id": [f"BAD-{number + 1}" for number in range(len(kinds))],
            "cause": ["bad_row"] * len(kinds), "system": ["shop"] * len(kinds),
            "event_keys": [[f"manual-{number}"] for number in range(len(kinds))],
            "detail": kinds,
        },
        schema=_TRUTH_SCHEMA,
    )  # fmt: skip
