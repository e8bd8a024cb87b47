"""Which files of the drop folder have landed, so that looking again costs one `stat` each."""

import json
from types import TracebackType
from typing import Self

from ingestion.landing.arrivals import Arrival, LandedFile
from ingestion.settings import Settings

_FILE = ".seen.json"


class SeenFiles:
    """Size and modification time of landed files, and what they were read as.

    Losing it costs time only: a file read again is recognised by its hash.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = settings.batches / _FILE
        self._seen: dict[str, dict[str, object]] = {}

    def __enter__(self) -> Self:
        try:
            self._seen = json.loads(self._path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            self._seen = {}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        staged = self._path.with_suffix(".tmp")
        staged.write_text(json.dumps(self._seen), "utf-8")
        staged.replace(self._path)

    def has(self, arrival: Arrival) -> bool:
        """Whether the file landed as it is, read as it would be read now."""
        seen = self._seen.get(str(arrival.path))
        if seen is None or seen["look"] != _look(arrival):
            return False
        return (self._settings.batches / str(seen["batch_id"])).is_dir()

    def note(self, arrival: Arrival, answer: LandedFile) -> None:
        """Remember a file that has its batch; one that waits is looked at again."""
        look = _look(arrival)
        if answer.batch_id is not None and look is not None:
            self._seen[str(arrival.path)] = {"look": look, "batch_id": answer.batch_id}


def _look(arrival: Arrival) -> list[object] | None:
    try:
        status = arrival.path.lstat()
    except OSError:
        return None
    rules = arrival.source.rules_for(arrival.path.name)
    feeds = ",".join(sorted({rule.feed for rule in rules}))
    return [status.st_size, status.st_mtime_ns, status.st_mode, arrival.source.system, feeds]
