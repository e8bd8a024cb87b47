"""Simulated time: UTC seconds, days that turn while nobody works, shifts and trucks per site."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ingestion.synthetic.model import Site

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MINUTE, HOUR, DAY = 60, 3600, 86400
_TURN = 9 * HOUR  # 09:00 UTC: after the western late shift, before the eastern early one
_SHIFT_START, _SHIFT_END, _TRUCK = 6 * HOUR, 21 * HOUR, 18 * HOUR
_MARGIN_DAYS = 120
_SUNDAY = 6


@dataclass(frozen=True)
class Clock:
    """`days` simulated days from `start`; the last one holds `end`. Times are UTC epoch seconds.

    `offsets[site, day]` is the site's distance from UTC on that day, in seconds.
    """

    start: int
    end: int
    days: int
    offsets: Ints

    def day_start(self, day: int) -> int:
        """The first second of a simulated day."""
        return self.start + day * DAY

    def day_of(self, times: Ints) -> Ints:
        """The simulated day of each time."""
        return (times - self.start) // DAY

    def local(self, times: Ints, sites: Ints) -> Ints:
        """Times as seconds of the site's own wall clock."""
        days = np.clip(self.day_of(times), 0, self.offsets.shape[1] - 1)
        return times + self.offsets[sites, days]

    def work_at(self, times: Ints, sites: Ints) -> Ints:
        """The first instant from `times` on at which the site's shift runs (Monday to Saturday)."""
        second = self.local(times, sites) % DAY
        wait = np.where(second < _SHIFT_START, _SHIFT_START - second, 0)
        wait = np.where(second >= _SHIFT_END, DAY + _SHIFT_START - second, wait)
        at = times + wait
        local = self.local(at, sites)
        return at + np.where(weekday(local) == _SUNDAY, DAY + _SHIFT_START - local % DAY, 0)

    def truck_at(self, times: Ints, sites: Ints) -> Ints:
        """The next departure of the site's carrier truck (18:00 local, not on Sundays)."""
        at = times + (_TRUCK - self.local(times, sites)) % DAY
        return at + np.where(weekday(self.local(at, sites)) == _SUNDAY, DAY, 0)


def weekday(seconds: Ints) -> Ints:
    """Monday is 0; epoch day 0 was a Thursday."""
    return (seconds // DAY + 3) % 7


def epoch(moment: datetime) -> int:
    """UTC epoch seconds; a naive moment is UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def clock_until(end_at: datetime, days: int, sites: tuple[Site, ...]) -> Clock:
    """The clock whose last simulated day holds `end_at`."""
    end = epoch(end_at)
    start = (end - _TURN) // DAY * DAY + _TURN - (days - 1) * DAY
    zones = [ZoneInfo(site.timezone) for site in sites]
    noons = [
        datetime.fromtimestamp(start + day * DAY + 8 * HOUR, UTC)
        for day in range(days + _MARGIN_DAYS)
    ]
    offsets = [
        [int(noon.astimezone(zone).utcoffset().total_seconds()) for noon in noons]  # pyright: ignore[reportOptionalMemberAccess]
        for zone in zones
    ]
    return Clock(start, end, days, np.array(offsets, dtype=np.int64))
