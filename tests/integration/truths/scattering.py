"""The same rows told in another way: in another order, twice, split, merged, late, as JSON."""

import json
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.integration.truths.businesses import Row, Rows, write_files


def scattered(rows: Rows, folder: Path, chance: random.Random) -> list[Path]:
    """Write every row at least once over many files, and return the files in a random order."""
    numbers = count()
    files = [
        _written(feed, part, folder / f"{next(numbers):03}", chance)
        for feed, some in rows.items()
        for part in _parts(some, chance)
    ]
    chance.shuffle(files)
    return files


def _parts(rows: list[Row], chance: random.Random) -> Iterator[list[Row]]:
    told = rows + chance.sample(rows, len(rows) // 10)
    chance.shuffle(told)
    cuts = sorted(chance.sample(range(1, len(told)), min(chance.randint(0, 3), len(told) - 1)))
    for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        yield told[start:end]
        if chance.random() < 0.2:
            yield told[max(0, start - 5) : end]


def _written(feed: str, rows: list[Row], folder: Path, chance: random.Random) -> Path:
    folder.mkdir(parents=True)
    if chance.random() < 0.3:
        path = folder / f"{feed}-part.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path
    write_files({feed: rows}, folder, part="part")
    return folder / f"{feed}-part.csv"
