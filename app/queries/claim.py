"""One claim: the way from the ledger to what was claimed, and the events that prove it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import polars as pl

from app.queries.reader import Reader


@dataclass(frozen=True)
class Claim:
    """What one system said it had of one SKU, and what the ledger had at that instant."""

    claim_id: str
    system: str
    place: str
    sku: str
    lot_id: str | None
    quantity_kind: str
    scope: str
    claimed_quantity: int
    ledger_quantity: int
    variance_quantity: int
    variance_amount: Decimal | None
    currency: str | None
    is_known_sku: bool
    as_of: datetime
    recorded_at: datetime


def claim(reader: Reader, claim_id: str) -> Claim | None:
    """Return the claim; None when this generation has none of this id."""
    rows = reader.frame(
        """
        select claim_id, system,
            coalesce(location_name, channel_name, location_id, channel_id, 'All locations')
                as place,
            sku, lot_id, quantity_kind, scope, claimed_quantity, ledger_quantity,
            variance_quantity, variance_amount, products.currency, is_known_sku, as_of,
            claims.recorded_at
        from recon_variances as claims
        left join dim_locations using (location_id)
        left join dim_channels using (channel_id)
        left join dim_products as products using (sku)
        where claim_id = $claim_id
        """,
        {"claim_id": claim_id},
    )
    return Claim(**rows.to_dicts()[0]) if rows.height else None


def causes(reader: Reader, claim_id: str) -> pl.DataFrame:
    """Return the claim's causes, the most units first; their quantities sum to its variance."""
    return reader.frame(
        """
        select cause, quantity, amount, confidence, len(evidence) as evidence_count, since_at
        from recon_causes where claim_id = $claim_id
        order by abs(quantity) desc, cause
        """,
        {"claim_id": claim_id},
    )


_EVIDENCE = """
    with
    named as (
        select cause, unnest(evidence) as evidence
        from recon_causes where claim_id = $claim_id
    )
    select cause, named.evidence, tellings.system, told_of as event, tellings.sku, quantity,
        coalesce(location_name, location_id) as location, reference_id as reference,
        occurred_at, tellings.recorded_at
    from named
    inner join recon_evidence as tellings on named.evidence = tellings.evidence_id
    -- left: a posting names no place, and an event may name one that nobody knows
    left join dim_locations using (location_id)
    order by occurred_at, evidence, tellings.sku
"""


def evidence(reader: Reader, claim_id: str) -> pl.DataFrame:
    """Return each event or claim that proves a cause, by both of its system's clocks."""
    return reader.frame(_EVIDENCE, {"claim_id": claim_id})
