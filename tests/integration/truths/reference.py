"""What the domain says happens to stock, in plain Python; it shares nothing with the SQL."""

from collections import Counter
from dataclasses import replace

from tests.integration.truths.businesses import Business, Event

MOVES = {
    "asn_shipped": ("supplier", "in_transit"), "put_away": ("receiving", "available"),
    "reserved": ("available", "reserved"), "unreserved": ("reserved", "available"),
    "unpicked": ("picked", "available"), "shipped_back": ("customer", "return_in_transit"),
    "restocked": ("returned", "available"), "scrapped": ("returned", "scrapped"),
}  # fmt: skip
ORIGINS = {  # where announced goods wait, and where others come from
    "receipts": ("in_transit", "supplier"), "transfers": ("in_transit", "suspense"),
    "returns": ("return_in_transit", "customer"),
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
            self.book(e)

    def ordered(self, e: Event) -> int:
        return self.business.ordered.get(e.reference, 0) if e.reference else 10**12

    def reports(self, e: Event, step: str, done: str) -> bool:
        """A site is held to the steps it declared; one that declared none, to what it does."""
        if (steps := self.business.steps.get(e.location)) is not None:
            return step in steps
        here = [o for o in self.events if (o.event_type, o.location) == (done, e.location)]
        did = any((o.reference, o.sku) == (e.reference, e.sku) for o in here)
        return did or (step == "put_away" and any(o.at <= e.at for o in here))

    def move(self, e: Event, source: str, target: str, quantity: int, to: str = "") -> None:
        self.changes[e.at, e.location, e.sku, e.lot, source] -= quantity
        self.changes[e.at, to or e.location, e.sku, e.lot, target] += quantity

    def draw(self, store: object, wanted: int) -> int:
        found = min(wanted, self.held[store])
        self.held[store] -= found
        return found

    def suspend(self, e: Event, outside: str, quantity: int, direction: int) -> None:
        """What is newly beyond the order is not from or to outside, but suspense."""
        before = max(0, self.held[e.reference] - self.ordered(e))
        self.held[e.reference] += quantity
        excess = max(0, self.held[e.reference] - self.ordered(e)) - before
        self.move(e, outside, "suspense", direction * excess)

    def take(self, e: Event, target: str) -> None:
        """The line's own reservation, its lot first, is freed; then all comes from available."""
        left = e.quantity
        for lot in sorted((None, "K1", "K2"), key=lambda lot: (lot != e.lot, lot or "")):
            own = self.draw(("own", e.reference, e.location, lot), left)
            self.move(replace(e, lot=lot), "reserved", "available", own)
            left -= own
        self.move(e, "available", target, e.quantity)

    def book(self, e: Event) -> None:
        told, quantity, line = e.event_type, e.quantity, (e.reference, e.sku, e.location)
        parcel, own = (*line, e.lot), ("own", e.reference, e.location, e.lot)
        dock = "receiving" if self.reports(e, "put_away", "put_away") else "available"
        has_pick, has_pack = self.reports(e, "pick", "picked"), self.reports(e, "pack", "packed")
        if told in MOVES:
            self.move(e, *MOVES[told], quantity)
        match e.feed, told:
            case "receipts" | "transfers" | "returns", "received":
                (waiting, outside), found = ORIGINS[e.feed], self.draw(parcel, quantity)
                target = "returned" if e.feed == "returns" else dock
                self.move(e, waiting, target, found)
                self.move(e, outside, target, quantity - found)
                if e.feed == "receipts":
                    self.docks[line] = dock
                    self.suspend(e, "supplier", quantity - found, -1)
            case "receipts", "rejected":
                self.move(e, self.docks.get(line, dock), "supplier", quantity)
                self.suspend(e, "supplier", -quantity, -1)
            case "transfers", "shipped":
                self.held[e.reference, e.sku, e.other, e.lot] += quantity
                self.move(e, "available", "in_transit", quantity, to=e.other)
            case _, "asn_shipped" | "shipped_back":
                self.held[parcel] += quantity if e.reference else 0
                if told == "asn_shipped":
                    self.suspend(e, "supplier", quantity, -1)
            case "returns", "inspected" if e.to_state in ("quarantined", "damaged"):
                self.move(e, "returned", e.to_state, quantity)
            case "adjustments", _:
                self.move(e, e.from_state, e.to_state, abs(quantity))
            case _, "reserved":
                self.held[own] += quantity
            case _, "unreserved":
                self.draw(own, quantity)
            case _, "packed" if has_pick:
                self.move(e, "picked", "packed", quantity)
            case _, "picked" | "packed":
                self.take(e, told)
            case _, "shipped":
                if has_pack or has_pick:
                    self.move(e, "packed" if has_pack else "picked", "customer", quantity)
                else:
                    self.take(e, "customer")
                self.suspend(e, "customer", quantity, 1)
