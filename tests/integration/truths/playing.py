"""A machine that plays one business at random, step by step; it keeps what was told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.integration.truths.businesses import LOCATIONS, Business, Event, Reference

STEPS = ("reserve", "pick", "pack", "put_away")
START = datetime(2025, 10, 3, tzinfo=UTC)  # a month in which both zones change their clocks
LINES = {
    "orders": {("O1", "1"): "PLAIN", ("O1", "2"): "LOTTED", ("O2", "1"): "LOTTED"},
    "purchases": {("P1", "1"): "PLAIN", ("P1", "2"): "LOTTED", ("P2", "1"): "PLAIN"},
    "unknown": {("P9", "1"): "LOTTED"},
    "returns": {("R1", "1"): "PLAIN", ("R2", "1"): "LOTTED"},
    "transfers": {("T1", ""): "PLAIN", ("T2", ""): "LOTTED"},
}
SKUS = {line: sku for kind in LINES.values() for line, sku in kind.items()}

declared = st.none() | st.frozensets(st.sampled_from(STEPS), min_size=1)
quantities = st.integers(1, 7)
lots = st.sampled_from(("K1", "K2"))
places = st.sampled_from(LOCATIONS)
gaps = st.tuples(st.integers(1, 2000), st.sampled_from((0, 0, 0, 0, 0, 180, 4000)))
orders = st.sampled_from(list(LINES["orders"]))
purchases = st.sampled_from([*LINES["purchases"], *LINES["unknown"]]) | st.none()
returns = st.sampled_from(list(LINES["returns"]))
transfers = st.sampled_from(list(LINES["transfers"]))


class Play(RuleBasedStateMachine):
    """Each rule is one thing that happens; nothing it draws is forbidden, only more or less odd."""

    def __init__(self) -> None:
        super().__init__()
        self.steps, self.owners, self.ordered, self.events = {}, {}, {}, list[Event]()
        self.clock = START

    @initialize(
        east=declared,
        west=declared,
        receiver=st.sampled_from(("WMS", "ERP")),
        quantities=st.lists(st.integers(1, 12), min_size=6, max_size=6),
    )
    def open(self, east, west, receiver, quantities) -> None:
        steps = {"EAST": east, "WEST": west}
        self.steps = {place: names for place, names in steps.items() if names is not None}
        self.owners = {("receipts", "WEST"): receiver}
        lines = [*LINES["orders"], *LINES["purchases"]]
        self.ordered = dict(zip(lines, quantities, strict=True))

    def tell(self, feed: str, event_type: str, gap: tuple[int, int], **what) -> None:
        """No two steps share an instant: the number of the step is its second."""
        self.clock += timedelta(minutes=gap[0])
        number = len(self.events)
        at = self.clock - timedelta(minutes=gap[1]) + timedelta(seconds=number)
        event = Event(feed, event_type, at, key=f"k{number}", **what)
        self.events.append(replace(event, system=self._business().owner(event)))

    def _line(self, line: Reference | None, lot: str | None) -> dict[str, object]:
        sku = SKUS[line] if line else "PLAIN"
        return {"reference": line, "sku": sku, "lot": lot if sku == "LOTTED" else None}

    def _returned(self, line: Reference, lot: str) -> dict[str, object]:
        return self._line(line, lot) | {"location": "EAST" if line == ("R1", "1") else "WEST"}

    @rule(gap=gaps, line=purchases, lot=lots, quantity=quantities, location=places,
          step=st.sampled_from(("asn_shipped", "arrived")))  # fmt: skip
    def announce(self, gap, line, lot, quantity, location, step) -> None:
        what = self._line(line, lot)
        self.tell("receipts", step, gap, **what, quantity=quantity, location=location)

    @rule(gap=gaps, line=purchases, lot=lots, quantity=quantities, location=places,
          step=st.sampled_from(("received", "received", "rejected")))  # fmt: skip
    def receive(self, gap, line, lot, quantity, location, step) -> None:
        what = self._line(line, lot)
        self.tell("receipts", step, gap, **what, quantity=quantity, location=location)

    @rule(gap=gaps, line=purchases, lot=lots, quantity=quantities, location=places)
    def put_away(self, gap, line, lot, quantity, location) -> None:
        what = self._line(line, lot)
        self.tell("receipts", "put_away", gap, **what, quantity=quantity, location=location)

    @rule(gap=gaps, line=orders, lot=lots, quantity=quantities, location=places,
          step=st.sampled_from(("picked", "picked", "unpicked", "short_picked")))  # fmt: skip
    def pick(self, gap, line, lot, quantity, location, step) -> None:
        what = self._line(line, lot)
        self.tell("fulfilment_events", step, gap, **what, quantity=quantity, location=location)

    @rule(gap=gaps, line=orders, lot=lots, quantity=quantities, location=places)
    def pack(self, gap, line, lot, quantity, location) -> None:
        what = self._line(line, lot)
        self.tell("fulfilment_events", "packed", gap, **what, quantity=quantity, location=location)

    @rule(gap=gaps, line=orders, lot=lots, quantity=quantities, location=places)
    def ship(self, gap, line, lot, quantity, location) -> None:
        what = self._line(line, lot)
        self.tell("fulfilment_events", "shipped", gap, **what, quantity=quantity, location=location)

    @rule(gap=gaps, line=orders, quantity=quantities, location=places,
          step=st.sampled_from(("reserved", "reserved", "unreserved")))  # fmt: skip
    def reserve(self, gap, line, quantity, location, step) -> None:
        lot = {("O1", "2"): None, ("O2", "1"): "K1"}.get(line)
        what = self._line(line, None) | {"lot": lot}
        self.tell("fulfilment_events", step, gap, **what, quantity=quantity, location=location)

    @rule(gap=gaps, line=transfers, lot=lots, quantity=quantities, is_out=st.booleans(),
          origin=places)  # fmt: skip
    def transfer(self, gap, line, lot, quantity, is_out, origin) -> None:
        other = next(place for place in LOCATIONS if place != origin)
        ends = (
            {"location": origin, "other": other} if is_out else {"location": other, "other": origin}
        )
        what = self._line(line, lot) | ends
        self.tell("transfers", "shipped" if is_out else "received", gap, **what, quantity=quantity)

    @rule(gap=gaps, line=returns, lot=lots, quantity=quantities,
          step=st.sampled_from(("requested", "shipped_back", "received", "received")))  # fmt: skip
    def give_back(self, gap, line, lot, quantity, step) -> None:
        self.tell("returns", step, gap, **self._returned(line, lot), quantity=quantity)

    @rule(gap=gaps, line=returns, lot=lots, quantity=quantities,
          step=st.sampled_from(("inspected", "inspected", "restocked", "scrapped", "refunded")),
          disposition=st.sampled_from(("available", "quarantined", "damaged")))  # fmt: skip
    def inspect(self, gap, line, lot, quantity, step, disposition) -> None:
        what = self._returned(line, lot)
        what |= {"to_state": disposition if step == "inspected" else None}
        self.tell("returns", step, gap, **what, quantity=quantity)

    @rule(gap=gaps, lot=lots, line=returns, quantity=quantities, location=places,
          move=st.sampled_from((
              ("opening", "opening", "available"), ("opening", "opening", "quarantined"),
              ("found", "found", "available"), ("found", "found", "damaged"),
              ("lost", "available", "lost"), ("lost", "damaged", "lost"),
              ("damaged", "available", "damaged"), ("hold", "available", "quarantined"),
              ("released", "quarantined", "available"), ("expired", "available", "expired"),
              ("scrapped", "expired", "scrapped"), ("scrapped", "damaged", "scrapped"),
          )))  # fmt: skip
    def adjust(self, gap, lot, line, quantity, location, move) -> None:
        reason, source, target = move
        what = self._line(line, lot) | {"reference": None, "reason": reason}
        what |= {"from_state": source, "to_state": target, "location": location}
        self.tell("adjustments", "adjusted", gap, **what,
                  quantity=-quantity if target == "lost" else quantity)  # fmt: skip

    @rule(which=st.integers(0, 49), key=st.sampled_from(("same", "new")))
    def tell_again(self, which, key) -> None:
        """The same telling once more, or the same fact under another key."""
        if self.events:
            event = self.events[which % len(self.events)]
            key = event.key if key == "same" else f"k{len(self.events)}"
            self.events.append(replace(event, key=key))

    @rule(which=st.integers(0, 49))
    def echo(self, which) -> None:
        """Another system tells of it too."""
        if self.events:
            event = self.events[which % len(self.events)]
            self.events.append(replace(event, key=f"k{len(self.events)}", system="SHOP"))

    def _business(self, name: str = "") -> Business:
        return Business(name, self.steps, self.ordered, SKUS, self.owners, tuple(self.events))


def play(count: int, *, steps: int = 50) -> list[Business]:
    """Play this many businesses of about so many steps, the same ones each time.

    Hypothesis varies what it tried before; a new seed every few plays keeps them unlike.
    """
    played: list[Business] = []
    chance = settings(
        max_examples=10,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    class Kept(Play):
        def teardown(self) -> None:
            business = self._business(f"B{len(played):04}")
            if len(business.events) >= steps * 4 // 5:
                played.append(business)

    for number in range(count):
        if len(played) < count:
            run_state_machine_as_test(seed(number)(Kept), settings=chance)
    return played[:count]
