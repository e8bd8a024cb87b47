"""What the domain says happens to stock, in plain Python; it shares nothing with the SQL."""

from collections import Counter
from dataclasses import replace

from tests.integration.truths.businesses import Business, Event
from tests.integration.truths.tellings import believed, ordered

MOVES = {
    "put_away": ("receiving", "available"), "reserved": ("available", "reserved"),
    "unreserved": ("reserved", "available"), "unpicked": ("picked", "available"),
    "restocked": ("returned", "available"), "scrapped": ("returned", "scrapped"),
    "quarantined": ("returned", "quarantined"), "damaged": ("returned", "damaged"),
}  # fmt: skip
ROUTES = {"receipts": ("in_transit", "supplier"), "transfers": ("in_transit", "suspense"),
          "returns": ("return_in_transit", "customer")}  # fmt: skip
STEPS = {"picked": (), "packed": ("picked",), "shipped": ("packed", "picked")}


class ReferenceLedger:
    """`changes`: what each (instant, location, sku, lot, state) gained, signed."""

    def __init__(self, business: Business) -> None:
        self.business, self.changes, self.held, self.docks = business, Counter(), Counter(), {}
        self.events = believed(business)
        for e in self.events:
            move = MOVES.get(e.to_state or e.event_type, ("", ""))
            self.move(e, *((e.from_state, e.to_state) if e.from_state else move), abs(e.quantity))
            self.supply(e) if e.feed in ROUTES else self.fulfil(e)

    def reports(self, e: Event, done: str) -> bool:
        """A site is held to the steps it declared; one that declared none, to what it does."""
        if (steps := self.business.steps.get(e.location)) is not None:
            return done.removesuffix("ed") in steps
        here = [o for o in self.events if (o.event_type, o.location) == (done, e.location)]
        at_any_dock = done == "put_away"
        return any(o.fact[2:4] == e.fact[2:4] or (at_any_dock and o.at <= e.at) for o in here)

    def move(self, e: Event, source: str, target: str, quantity: int, to: str | None = "") -> None:
        self.changes[e.at, e.location, e.sku, e.lot, source] -= quantity
        self.changes[e.at, to or e.location, e.sku, e.lot, target] += quantity

    def draw(self, store: object, wanted: int) -> int:
        found = min(wanted, self.held[store])
        self.held[store] -= found
        return found

    def beyond(self, e: Event, quantity: int) -> int:
        """How much more is beyond the order with this quantity than before it."""
        before = max(0, self.held[e.reference] - ordered(self.business, e))
        self.held[e.reference] += quantity
        return max(0, self.held[e.reference] - ordered(self.business, e)) - before

    def supply(self, e: Event) -> None:
        """What was announced waits for its arrival; what arrives beyond it comes from outside."""
        (waiting, outside), line = ROUTES[e.feed], (e.reference, e.sku, e.location)
        dock = "receiving" if self.reports(e, "put_away") else "available"
        supplied = -e.quantity if e.event_type == "rejected" else 0
        if "shipped" in e.event_type:
            self.held[e.reference or e.key, e.sku, e.lot, e.other or e.location] += e.quantity
            source = "available" if e.feed == "transfers" else outside
            self.move(e, source, waiting, supplied := e.quantity, to=e.other)
        elif e.event_type == "received":
            self.docks[line] = dock = "returned" if e.feed == "returns" else dock
            announced = self.draw((e.reference, e.sku, e.lot, e.location), e.quantity)
            self.move(e, waiting, dock, announced)
            self.move(e, outside, dock, supplied := e.quantity - announced)
        self.move(e, self.docks.get(line, dock), "supplier", -min(0, supplied))
        if e.feed == "receipts":
            self.move(e, "suspense", "supplier", self.beyond(e, supplied))

    def fulfil(self, e: Event) -> None:
        left, target = e.quantity, e.event_type.replace("shipped", "customer")
        used = [s for s in STEPS.get(e.event_type, ()) if self.reports(e, s)]
        if e.event_type == "reserved":
            self.held[e.reference, e.location, e.lot] += e.quantity
        elif e.event_type == "unreserved":
            self.draw((e.reference, e.location, e.lot), e.quantity)
        elif used:
            self.move(e, used[0], target, e.quantity)
        elif e.event_type in STEPS:  # the line's own reservation, its lot first, is freed
            for lot in sorted((None, "K1", "K2"), key=lambda lot: (lot != e.lot, lot or "")):
                own = self.draw((e.reference, e.location, lot), left)
                self.move(replace(e, lot=lot), "reserved", "available", own)
                left -= own
            self.move(e, "available", target, e.quantity)
        if e.event_type == "shipped":
            self.move(e, "customer", "suspense", self.beyond(e, e.quantity))
