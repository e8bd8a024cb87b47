"""The smallest part of a business that the ledger still books differently from the reference.

A build costs seconds and holds any number of businesses, so each round tries every smaller
candidate in one home of its own.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.truths.businesses import Business, Event
from tests.integration.truths.homes import changes_in, home_of
from tests.integration.truths.reference import ReferenceLedger


def gained(business: Business) -> Counter:
    """The reference's changes, without what nets to nothing."""
    changes = ReferenceLedger(business).changes
    return Counter({key: change for key, change in changes.items() if change})


def assert_booked_as_expected(
    businesses: Sequence[Business], booked: Mapping[str, Counter], folder: Path
) -> None:
    """Fail with the smallest business whose books differ from the reference's at some instant."""
    wrong = [one for one in businesses if booked.get(one.name, Counter()) != gained(one)]
    if wrong:
        smallest = smallest_failing(min(wrong, key=lambda one: len(one.events)), folder)
        found = changes_in(home_of([smallest], folder / "smallest")).get(smallest.name, Counter())
        pytest.fail(
            f"{len(wrong)} of {len(businesses)} businesses are booked otherwise; the smallest:\n"
            f"{described(smallest, found)}"
        )


def smallest_failing(business: Business, folder: Path) -> Business:
    """Drop as many events as can be dropped, first in large pieces, then one by one."""
    size = max(1, len(business.events) // 2)
    for round_number in range(20):
        events = business.events
        candidates = [
            replace(business, events=events[:start] + events[start + size :])
            for start in range(0, len(events), size)
        ]
        failing = _failing(candidates, folder / str(round_number))
        if failing:
            business = min(failing, key=lambda one: len(one.events))
        elif size == 1:
            break
        size = max(1, min(size if failing else size // 2, len(business.events) // 2))
    return business


def _failing(candidates: Sequence[Business], folder: Path) -> list[Business]:
    named = [replace(one, name=f"B{number:04}") for number, one in enumerate(candidates)]
    found = changes_in(home_of(named, folder))
    return [one for one in named if found.get(one.name, Counter()) != gained(one)]


def described(business: Business, found: Counter) -> str:
    """The business in words: its sites, orders and events, and where the two ledgers part."""
    wanted = gained(business)
    lines = [f"sites {business.steps}", f"ordered {business.ordered}", f"owners {business.owners}"]
    lines += [_told(event) for event in sorted(business.events, key=lambda event: event.at)]
    for key in sorted({*wanted, *found}, key=str):
        if wanted[key] != found[key]:
            at, *account = key
            lines.append(
                f"{at:%m-%d %H:%M:%S} {account}: {wanted[key]} expected, {found[key]} booked"
            )
    return "\n".join(lines)


def _told(event: Event) -> str:
    ends = f" {event.from_state}→{event.to_state}" if event.to_state else ""
    return (
        f"{event.at:%m-%d %H:%M:%S} {event.system} {event.feed}.{event.event_type} "
        f"{event.reference} {event.quantity} {event.sku} {event.lot} at {event.location} "
        f"{event.other or ''}{ends} [{event.key}]"
    )
