"""Sums of signed quantities by key up to any instant, for many questions at once."""

from dataclasses import dataclass

import numpy as np

from ingestion.synthetic.clock import Ints

_SPAN = 2**33
_OFFSET = 2**31  # keeps instants before 1970 positive


@dataclass(frozen=True)
class Timeline:
    """Changes of many keys in time order, ready to be summed; `marks` are (key, instant) codes."""

    marks: Ints
    sums: Ints

    def at(self, keys: Ints, instants: Ints) -> Ints:
        """The sum of each key's changes up to and including each instant."""
        upto = np.searchsorted(self.marks, _mark(keys, instants), side="right")
        before = np.searchsorted(self.marks, np.asarray(keys, dtype=np.int64) * _SPAN)
        return self.sums[upto] - self.sums[before]


def timeline(keys: Ints, instants: Ints, changes: Ints) -> Timeline:
    """Sort changes by key and instant and sum them up."""
    marks = _mark(keys, instants)
    order = np.argsort(marks, kind="stable")
    sums = np.concatenate(([0], np.cumsum(changes[order], dtype=np.int64)))
    return Timeline(marks[order], sums)


def _mark(keys: Ints, instants: Ints) -> Ints:
    return np.asarray(keys, dtype=np.int64) * _SPAN + np.asarray(instants, dtype=np.int64) + _OFFSET
