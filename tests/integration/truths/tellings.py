"""Which of the things told happened, in plain Python; it shares nothing with the SQL."""

from collections import Counter

from tests.integration.truths.businesses import Business, Event

SETTLED_AS = {"restocked": "available", "scrapped": "scrapped"}
AROUND_ARRIVAL = ("shipped", "shipped_back", "inspected", "settled")


def ordered(business: Business, e: Event) -> int:
    """How many its order asked for; what names no order is bound by none."""
    return business.ordered.get(e.reference, 0) if e.reference else 10**12


def believed(business: Business) -> list[Event]:
    """The owners' events in the order they happened.

    The same again under another key is one event told twice where it goes beyond the order, or
    beyond what the other steps of the transfer or return speak of.
    """
    told: Counter[tuple[object, ...]] = Counter()
    owned = {e.key: e for e in business.events if e.system == business.owner(e)}.values()
    for e in owned:
        is_settling = e.event_type in SETTLED_AS
        for step in {e.event_type, f"to {e.to_state}", "settled" if is_settling else ""}:
            told[e.feed, step, e.reference] += e.quantity

    def spoken_of(e: Event) -> int:
        if e.feed not in {"returns", "transfers"}:
            return ordered(business, e)
        others = AROUND_ARRIVAL if e.event_type == "received" else ("received",)
        if e.event_type in SETTLED_AS and told[e.feed, "inspected", e.reference]:
            others = (f"to {SETTLED_AS[e.event_type]}",)
        return max(told[e.feed, step, e.reference] for step in others)

    events, seen = [], set()
    for e in sorted(owned, key=lambda event: event.at):
        if not (e.fact in seen and told[e.fact[:3]] > spoken_of(e)):
            events.append(e)
        seen.add(e.fact)
    return events
