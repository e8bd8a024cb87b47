"""The bridge from the command log to the pipeline: new entries as a file like any other feed."""

import os
from pathlib import Path

from ingestion.commands.log import CommandLog
from ingestion.contracts.commands import canonical_json


def export_commands(log: CommandLog, drop_dir: Path, after_sequence: int) -> Path | None:
    """Write the entries after `after_sequence` as one NDJSON file of the feed `commands`.

    The file appears whole or not at all, and the same entries always give the same bytes.
    Returns its path, or None when there is nothing new.
    """
    entries = log.entries(after_sequence)
    if not entries:
        return None
    drop_dir.mkdir(parents=True, exist_ok=True)
    path = drop_dir / f"commands-{entries[0].sequence}-{entries[-1].sequence}.ndjson"
    lines = [canonical_json(entry.content() | {"hash": entry.hash}) + "\n" for entry in entries]
    _write_whole(path, "".join(lines))
    return path


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
