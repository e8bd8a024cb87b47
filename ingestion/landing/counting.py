"""An independent count of the physical records in a text file.

It shares no code with the parsers: a record ends at a line feed outside quotes, and quotes are
counted, not parsed. Where the two disagree, the careful parser takes over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_CHUNK = 8 * 2**20
_LINE_FEED, _RETURN = 10, 13

Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class Count:
    """What a text file physically holds; blank lines are no records."""

    records: int
    longest_bytes: int
    is_regular: bool


@dataclass(frozen=True)
class Piece:
    """The records that end in one piece of a file, and what the piece is made of.

    Starts and ends are byte offsets in the file; an end is where the line break begins.
    """

    starts: Offsets
    ends: Offsets
    breaks: int = 0
    broken_by_crlf: int = 0
    returns: int = 0
    quotes: int = 0
    has_nul: bool = False


def count_records(path: Path, quote: str) -> Count:
    """Return how many records the file holds, its header among them.

    It is regular when every record ends alike, no byte is NUL and every quote is closed.
    """
    records = longest = breaks = crlf = returns = quotes = 0
    has_nul = False
    for piece in pieces(path, quote):
        records += len(piece.starts)
        longest = max(longest, int((piece.ends - piece.starts).max(initial=0)))
        breaks += piece.breaks
        crlf += piece.broken_by_crlf
        returns += piece.returns
        quotes += piece.quotes
        has_nul = has_nul or piece.has_nul
    is_uniform = returns == 0 or returns == crlf == breaks
    return Count(records, longest, is_uniform and not has_nul and quotes % 2 == 0)


def pieces(path: Path, quote: str) -> Iterator[Piece]:
    """Yield the file's records, piece by piece, in file order."""
    start, inside, size, last = 0, False, 0, 0
    for chunk, offset in _chunks(path):
        size = offset + len(chunk)
        breaks = np.flatnonzero(chunk == _LINE_FEED)
        marks = np.flatnonzero(chunk == ord(quote)) if quote else np.empty(0, np.int64)
        if quote:
            parity = (np.searchsorted(marks, breaks) + inside) & 1
            inside = bool((len(marks) + inside) & 1)
            breaks = breaks[parity == 0]
        after_return = np.where(breaks > 0, chunk[breaks - 1], last) == _RETURN
        ends = breaks + offset - after_return
        starts = np.concatenate(([start], breaks + offset + 1))
        kept = ends > starts[:-1]
        yield Piece(
            starts[:-1][kept],
            ends[kept],
            len(breaks),
            int(np.count_nonzero(after_return)),
            int(np.count_nonzero(chunk == _RETURN)),
            len(marks),
            bool((chunk == 0).any()),
        )
        start, last = int(starts[-1]), int(chunk[-1])
    if size > start:
        yield Piece(np.array([start]), np.array([size]))


def read_records(path: Path, quote: str, numbers: Sequence[int]) -> dict[int, str]:
    """Return the original text of the records with these numbers, counted from 0."""
    wanted = np.array(sorted(set(numbers)), dtype=np.int64)
    found: dict[int, str] = {}
    seen = 0
    with path.open("rb") as stream:
        for piece in pieces(path, quote):
            count = len(piece.starts)
            here = wanted[np.searchsorted(wanted, seen) : np.searchsorted(wanted, seen + count)]
            for number in here.tolist():
                start, end = int(piece.starts[number - seen]), int(piece.ends[number - seen])
                stream.seek(start)
                found[number] = stream.read(end - start).decode(errors="backslashreplace")
            seen += count
    return found


def _chunks(path: Path) -> Iterator[tuple[NDArray[np.uint8], int]]:
    offset = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield np.frombuffer(chunk, dtype=np.uint8), offset
            offset += len(chunk)
