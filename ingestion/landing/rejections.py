"""Why a file or a record is not loaded: a short rule and a sentence for a person."""

from dataclasses import dataclass

MAX_REJECTIONS = 100_000


@dataclass(frozen=True)
class Rejection:
    """One physical record that ends in quarantine; `row_number` is None for the whole file."""

    row_number: int | None
    feed: str
    rule: str
    reason: str
    record: str | None


class FileRejectedError(ValueError):
    """A file that cannot be loaded as a whole; all of its records go to quarantine.

    `physical` counts those records; a file whose records cannot be told apart counts as one.
    """

    def __init__(self, rule: str, reason: str, physical: int = 1) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.physical = max(1, physical)


class WaitingError(RuntimeError):
    """A file that cannot land yet, because a file it is read together with is not there."""


class NoRoomError(OSError):
    """A good file may not be blamed for it: the disk is too full to read the file."""


def check_bounded(count: int, example: str) -> None:
    """Raise FileRejectedError when so many records are bad that the file as a whole must be."""
    if count > MAX_REJECTIONS:
        raise FileRejectedError(
            "too_many_faults",
            f"at least {count} of its records are bad, for one: {example}. "
            "Mend the mapping or the file, then retry it",
        )
