"""Files cut in two, as a system would send them that sends a part late."""

import csv
from pathlib import Path
from typing import Any


def halves_of(file: Path, folder: Path) -> list[Path]:
    """Cut a text file into a later and an earlier half that share rows; others stay whole."""
    folder.mkdir(parents=True)
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8") as source:
            header, *rows = list(csv.reader(source))
        return [
            _write_csv(folder / f"{file.stem}-{part}.csv", [header, *some])
            for part, some in _halves(rows)
        ]
    if file.suffix == ".ndjson":
        lines = file.read_text().splitlines(keepends=True)
        return [
            _write(folder / f"{file.stem}-{part}.ndjson", "".join(some))
            for part, some in _halves(lines)
        ]
    return [file]


def _halves(rows: list[Any]) -> list[tuple[str, list[Any]]]:
    if len(rows) < 2:
        return [("all", rows)]
    return [("late", rows[len(rows) // 2 :]), ("early", rows[: len(rows) // 2 + 1])]


def _write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _write_csv(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows(rows)
    return path
