"""What the domain says happens to stock, in plain Python; it shares nothing with the SQL."""

from collections import Counter
from dataclasses import replace

from tests.integration.truths.businesses import Business, Event

MOVES = {
    "put_away": ("receiving", "available"), "reserved": ("available", "reserved"),
    "unreserved": ("reserved", "available"), "unpicked": ("picked", "available"),
    "restocked": ("returned", "available"), "scrapped": ("returned", "scrapped"),
}  # fmt: skip


class ReferenceLedger:
    """`changes`: what each (instant, location, sku, lot, state) gained, signed."""

    def __init__(self, business: Business) -> None:
        self.business, self.changes, self.held, self.docks = business, Counter(), Counter(), {}
        told, seen, self.events = Counter(), set(), []
        owned = {e.key: e for e in business.events if e.system == business.owner(e)}.values()
        for e in owned:
            told[e.fact[:3]] += e.quantity
        for e in sorted(owned, key=lambda event: event.at):
            if not (e.reference and e.fact in seen and told[e.fact[:3]] > self.ordered(e)):
                self.events.append(e)
            seen.add(e.fact)
        for e in self.events:
            getattr(self, e.feed)(e)
            self.move(e, *MOVES.get(e.event_type, ("", "")), e.quantity)

    def ordered(self, e: Event) -> int:
        return self.business.ordered.get(e.reference, 0) if e.reference else 10**12

    def reports(self, e: Event, step: str, done: str) -> bool:
        """A site is held to the steps it declared; one that declared none, to what it does."""
        if (steps := self.business.steps.get(e.location)) is not None:
            return step in steps
        here = [o for o in self.events if (o.event_type, o.location) == (done, e.location)]
        is_dock = step == "put_away"
        return any(o.fact[2:4] == e.fact[2:4] or (is_dock and o.at <= e.at) for o in here)

    def move(self, e: Event, source: str, target: str, quantity: int, to: str = "") -> None:
        self.changes[e.at, e.location, e.sku, e.lot, source] -= quantity
        self.changes[e.at, to or e.location, e.sku, e.lot, target] += quantity

    def draw(self, store: object, wanted: int) -> int:
        found = min(wanted, self.held[store])
        self.held[store] -= found
        return found

    def arrive(self, e: Event, waiting: str, outside: str, target: str) -> int:
        """What was announced arrives from where it waits, the rest from outside."""
        announced = self.draw((e.reference, e.sku, e.lot, e.location), e.quantity)
        self.move(e, waiting, target, announced)
        self.move(e, outside, target, e.quantity - announced)
        return e.quantity - announced

    def beyond(self, e: Event, quantity: int) -> int:
        """How much more is beyond the order with this quantity than before it."""
        before = max(0, self.held[e.reference] - self.ordered(e))
        self.held[e.reference] += quantity
        return max(0, self.held[e.reference] - self.ordered(e)) - before

    def take(self, e: Event, target: str) -> None:
        """The line's own reservation, its lot first, is freed; then all comes from available."""
        left = e.quantity
        for lot in sorted((None, "K1", "K2"), key=lambda lot: (lot != e.lot, lot or "")):
            own = self.draw((e.reference, e.location, lot), left)
            self.move(replace(e, lot=lot), "reserved", "available", own)
            left -= own
        self.move(e, "available", target, e.quantity)

    def dock(self, e: Event) -> str:
        return "receiving" if self.reports(e, "put_away", "put_away") else "available"

    def receipts(self, e: Event) -> None:
        supplied, line, dock = 0, (e.reference, e.sku, e.location), self.dock(e)
        if e.event_type == "asn_shipped":
            supplied = e.quantity
            self.held[e.reference or e.key, e.sku, e.lot, e.location] += supplied
            self.move(e, "supplier", "in_transit", supplied)
        elif e.event_type == "received":
            self.docks[line] = dock
            supplied = self.arrive(e, "in_transit", "supplier", dock)
        elif e.event_type == "rejected":
            supplied = -e.quantity
            self.move(e, self.docks.get(line, dock), "supplier", e.quantity)
        self.move(e, "suspense", "supplier", self.beyond(e, supplied))

    def transfers(self, e: Event) -> None:
        if e.event_type == "shipped":
            self.held[e.reference, e.sku, e.lot, e.other] += e.quantity
            self.move(e, "available", "in_transit", e.quantity, to=e.other)
        else:
            self.arrive(e, "in_transit", "suspense", self.dock(e))

    def returns(self, e: Event) -> None:
        if e.event_type == "shipped_back":
            self.held[e.reference, e.sku, e.lot, e.location] += e.quantity
            self.move(e, "customer", "return_in_transit", e.quantity)
        elif e.event_type == "received":
            self.arrive(e, "return_in_transit", "customer", "returned")
        elif e.event_type == "inspected" and e.to_state in ("quarantined", "damaged"):
            self.move(e, "returned", e.to_state, e.quantity)

    def adjustments(self, e: Event) -> None:
        self.move(e, e.from_state, e.to_state, abs(e.quantity))

    def fulfilment_events(self, e: Event) -> None:
        own, target = (e.reference, e.location, e.lot), e.event_type.replace("shipped", "customer")
        stores = {"picked": [], "packed": ["picked"], "shipped": ["packed", "picked"]}
        if e.event_type == "reserved":
            self.held[own] += e.quantity
        elif e.event_type == "unreserved":
            self.draw(own, e.quantity)
        elif e.event_type in stores:
            used = [s for s in stores[e.event_type] if self.reports(e, s.removesuffix("ed"), s)]
            self.move(e, used[0], target, e.quantity) if used else self.take(e, target)
        if e.event_type == "shipped":
            self.move(e, "customer", "suspense", self.beyond(e, e.quantity))
