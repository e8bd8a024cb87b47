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
    keys as (
        select cause, unnest(evidence) as evidence, sku as claim_sku, system as claim_system
        from recon_causes where claim_id = $claim_id
    ),
    moved as (
        select movements.source_event_key as evidence, movements.source_system as system,
            movement_type as event, movements.sku, sum(quantity)::bigint as quantity,
            coalesce(any_value(from_location_id), any_value(to_location_id)) as location_id,
            any_value(coalesce(order_id, po_id, return_id, transfer_id)) as reference,
            min(occurred_at) as occurred_at, min(recorded_at) as recorded_at
        from fct_stock_movements as movements
        where movements.source_event_key in (select evidence from keys)
        group by movements.source_event_key, movements.source_system, movement_type, movements.sku
    ),
    stated as (
        select claim_id as evidence, system, 'claim' as event, sku, claimed_quantity as quantity,
            location_id, count_id as reference, as_of as occurred_at, recorded_at
        from recon_variances
        where claim_id in (select evidence from keys)
    ),
    told as (
        select source_event_key as evidence, system, event_class as event, sku, quantity,
            location_id, null as reference, occurred_at, recorded_at
        from fct_events_told
        where (system, source_event_key) in (select (claim_system, evidence) from keys)
    ),
    tellings as (
        select * from moved
        union all
        select * from stated
        union all
        select * from told
    )
    select cause, keys.evidence, tellings.system, event, tellings.sku, quantity,
        coalesce(location_name, location_id) as location, reference, occurred_at,
        tellings.recorded_at
    from keys
    left join tellings on keys.evidence = tellings.evidence
    left join dim_locations using (location_id)
    qualify rank() over (
        partition by cause, keys.evidence
        order by coalesce(tellings.sku = claim_sku, false) desc
    ) = 1
    order by occurred_at nulls last, keys.evidence, event
"""


def evidence(reader: Reader, claim_id: str) -> pl.DataFrame:
    """Return each event or claim that proves a cause, by both of its system's clocks.

    A key that several systems use means the event of the claim's own SKU, where there is one.
    """
    return reader.frame(_EVIDENCE, {"claim_id": claim_id})
