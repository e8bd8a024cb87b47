"""Moves at the instants where calendars and clocks are odd, each of a SKU of its own."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from tests.integration.truths.businesses import Row, Rows, instant

ZONES = (
    *("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"),
    *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Casablanca"),
)
INSTANTS = [
    datetime(2025, *day, tzinfo=UTC) + timedelta(minutes=minutes)
    for day in ((3, 9), (3, 30), (4, 6), (10, 5), (10, 26), (11, 2), (12, 31))
    for minutes in (-721, -1, 0, 1, 89, 91, 299, 301, 721, 900)
] + [
    datetime(2024, 2, 29, 12, tzinfo=UTC) + timedelta(hours=hours)
    for hours in (-26, -14, -12, 0, 12, 14, 26)
]
MOMENTS = {
    f"DAYS-{zone_number}-{number}": (zone, at)
    for (zone_number, zone), (number, at) in product(enumerate(ZONES), enumerate(INSTANTS))
}


def local_day(sku: str) -> date:
    """The day on which this SKU moved, where it moved."""
    zone, at = MOMENTS[sku]
    return at.astimezone(ZoneInfo(zone)).date()


def _spelled(number: int, zone: str, at: datetime) -> str:
    """The same instant as one or another system writes it: UTC, its own offset, or 14 hours off."""
    local = at.astimezone(ZoneInfo(zone)).isoformat()
    skewed = (at + timedelta(hours=14)).replace(tzinfo=None).isoformat() + "+14:00"
    behind = (at - timedelta(hours=12)).replace(tzinfo=None).isoformat() + "-12:00"
    return (instant(at), local, skewed, behind)[number % 4]


def _adjustment(number: int, sku: str) -> Row:
    zone, at = MOMENTS[sku]
    spelled = _spelled(number, zone, at)
    return {
        "occurred_at": spelled,
        "recorded_at": spelled,
        "location_id": f"DAYS-{ZONES.index(zone)}",
        "sku": sku,
        "quantity": "1",
        "reason_code": "opening",
        "source_system": "WMS",
        "source_event_key": sku,
    }


ROWS: Rows = {
    "products": [{"sku": sku, "recorded_at": "2024-01-01T00:00:00Z"} for sku in MOMENTS],
    "locations": [
        {"location_id": f"DAYS-{n}", "timezone": zone, "recorded_at": "2024-01-01T00:00:00Z"}
        for n, zone in enumerate(ZONES)
    ],
    "adjustments": [_adjustment(number, sku) for number, sku in enumerate(MOMENTS)],
}
