"""One SKU as many systems spell it, one move per spelling."""

import unicodedata

from tests.integration.truths.businesses import Rows

SKU = "SPELT-ÅNGSTRÖM É1"
SPELLINGS = {
    "as it is": SKU,
    "decomposed": unicodedata.normalize("NFD", SKU),
    "lower case": SKU.lower(),
    "lower and decomposed": unicodedata.normalize("NFD", SKU.lower()),
    "compatibility sign": SKU.replace("Å", "\u212b"),
    "blanks around": f"  {SKU}\t",
    "no-break space after": f"{SKU}\u00a0",
    "zero width inside": SKU.replace("-", "-\u200b"),
    "byte order mark before": f"\ufeff{SKU}",
    "soft hyphen inside": SKU.replace("STR", "ST\u00adR"),
    "right-to-left marks around": f"\u202b{SKU}\u202c",
    "isolates around": f"\u2067{SKU}\u2069",
    "word joiner inside": SKU.replace("T-", "T\u2060-"),
}
LOTS = ("LÖT", unicodedata.normalize("NFD", "LÖT"), " LÖT\u200b")

ROWS: Rows = {
    "products": [{"sku": SPELLINGS["decomposed"], "recorded_at": "2024-01-01T00:00:00Z"}],
    "locations": [{"location_id": "SPELT", "recorded_at": "2024-01-01T00:00:00Z"}],
    "adjustments": [
        {
            "occurred_at": f"2025-02-03T04:{number:02}:00Z",
            "recorded_at": f"2025-02-03T04:{number:02}:00Z",
            "location_id": "SPELT\u200b" if number % 2 else "SPELT",
            "sku": spelling,
            "quantity": "1",
            "reason_code": "found",
            "lot_id": LOTS[number % len(LOTS)],
            "source_system": "WMS",
            "source_event_key": f"SPELT-{number}",
        }
        for number, spelling in enumerate(SPELLINGS.values())
    ],
}
