"""Small businesses that live side by side in one home, and the files their systems would write."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

Row = dict[str, str]
Rows = dict[str, list[Row]]
Reference = tuple[str, str]


@dataclass(frozen=True)
class Event:
    """One thing that happened, as one system tells it; names are those inside its business.

    `location` is where it is told; `other` is a transfer's other end.
    """

    feed: str
    event_type: str
    at: datetime
    sku: str
    quantity: int
    location: str
    key: str
    system: str = "WMS"
    reference: Reference | None = None
    lot: str | None = None
    other: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    reason: str | None = None

    @property
    def fact(self) -> tuple[object, ...]:
        """What is told, whoever tells it under whichever key."""
        return (
            *(self.feed, self.event_type, self.reference, self.sku, self.lot),
            *(self.location, self.at, self.quantity),
        )


@dataclass(frozen=True)
class Business:
    """What was ordered, how its sites work, who owns which event, and all that was told.

    A location missing from `steps` declared none. `owners` names the system of record by
    (feed, location); every other event is WMS's.
    """

    name: str
    steps: dict[str, frozenset[str]]
    ordered: dict[Reference, int]
    skus: dict[Reference, str]
    owners: dict[tuple[str, str], str]
    events: tuple[Event, ...]

    def owner(self, event: Event) -> str:
        """The system whose telling of this event books it."""
        return self.owners.get((event.feed, event.location), "WMS")


LOCATIONS = ("EAST", "WEST")
ZONES = {"EAST": "Australia/Lord_Howe", "WEST": "America/New_York"}
SKUS = ("PLAIN", "LOTTED")
IMPLIED = {"opening", "found", "lost"}
REFERENCE_COLUMNS = {
    "fulfilment_events": ("order_id", "line_id"),
    "receipts": ("po_id", "po_line_id"),
    "returns": ("return_id", "order_line_id"),
    "transfers": ("transfer_id", ""),
    "adjustments": ("", ""),
}


def rows_of(businesses: Iterable[Business]) -> Rows:
    """Every row of every feed, each business's names made its own."""
    rows: Rows = {}
    for business in businesses:
        for feed, row in [*_master_rows(business), *_event_rows(business)]:
            rows.setdefault(feed, []).append(row)
    return rows


def write_files(rows: Rows, folder: Path, *, part: str = "all") -> None:
    """Write one native CSV file per feed."""
    folder.mkdir(parents=True, exist_ok=True)
    for feed, some in rows.items():
        columns = list(dict.fromkeys(column for row in some for column in row))
        with (folder / f"{feed}-{part}.csv").open("w", newline="", encoding="utf-8") as target:
            writer = csv.DictWriter(target, columns, restval="")
            writer.writeheader()
            writer.writerows(some)


def _master_rows(business: Business) -> Iterator[tuple[str, Row]]:
    name, day = business.name, instant(datetime(2025, 1, 1, tzinfo=UTC))
    for sku in SKUS:
        yield "products", {"sku": f"{name}-{sku}", "unit_cost": "2.50", "recorded_at": day}
    for location in LOCATIONS:
        place = {"location_id": f"{name}-{location}", "recorded_at": day}
        yield "locations", place | {"timezone": ZONES[location]}
        for step in sorted(business.steps.get(location, ())):
            yield "site_steps", place | {"step": step}
    for (feed, location), system in business.owners.items():
        yield (
            "system_of_record",
            {
                "event_type": f"{feed}.*",
                "location_id": f"{name}-{location}",
                "system": system,
                "recorded_at": day,
            },
        )
    yield "system_of_record", {
        "event_type": "*", "location_id": "*", "system": "WMS", "recorded_at": day,
    }  # fmt: skip
    for reference, quantity in business.ordered.items():
        yield from _order_rows(business, reference, quantity, day)


def _order_rows(
    business: Business, reference: Reference, quantity: int, day: str
) -> Iterator[tuple[str, Row]]:
    number, line = f"{business.name}-{reference[0]}", reference[1]
    what = {"line_id": line, "sku": f"{business.name}-{business.skus[reference]}"}
    what |= {"quantity": str(quantity), "recorded_at": day}
    if reference[0].startswith("P"):
        yield "purchase_orders", {"po_id": number, "supplier_id": "S", "ordered_at": day} | what
    else:
        yield "orders", {
            "order_id": number, "channel_id": "SHOP", "placed_at": day, "recorded_at": day,
        }  # fmt: skip
        yield "order_lines", {"order_id": number} | what


def _event_rows(business: Business) -> Iterator[tuple[str, Row]]:
    for event in business.events:
        yield event.feed, _event_row(business.name, event)


def _event_row(name: str, event: Event) -> Row:
    row = {
        "event_type": event.event_type,
        "occurred_at": instant(event.at),
        "sku": f"{name}-{event.sku}",
        "quantity": str(event.quantity),
        "lot_id": event.lot or "",
        "source_system": event.system,
        "source_event_key": f"{name}-{event.key}",
        "recorded_at": instant(event.at),
    }
    if event.reference:
        number, line = REFERENCE_COLUMNS[event.feed]
        row |= {number: f"{name}-{event.reference[0]}"} | (
            {line: event.reference[1]} if line else {}
        )
    here, other = f"{name}-{event.location}", f"{name}-{event.other}"
    match event.feed, event.event_type:
        case "transfers", "shipped":
            return row | {"from_location_id": here, "to_location_id": other}
        case "transfers", _:
            return row | {"from_location_id": other, "to_location_id": here}
        case "adjustments", _:
            del row["event_type"]
            # the sign and the reason say which counter-account is the other side
            ends = {"from_state": event.from_state or "", "to_state": event.to_state or ""}
            row |= {end: "" if state in IMPLIED else state for end, state in ends.items()}
            row["reason_code"] = event.reason or ""
        case "returns", _:
            row["disposition"] = event.to_state or ""
    return row | {"location_id": here}


def instant(at: datetime) -> str:
    """An instant as the files spell it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def joined(*parts: Rows) -> Rows:
    """The rows of several parts of a world."""
    return {
        feed: [row for part in parts for row in part.get(feed, ())]
        for feed in dict.fromkeys(feed for part in parts for feed in part)
    }
