-- A summary claims a total and the parts it is made of; the reconciliation holds them against each
-- other. What Amazon is looking for is held back: quarantined; what it cannot sell: damaged. Goods
-- on their way in are no part of its total.
with claims as (
    select
        *,
        'on_hand' as quantity_kind,
        total_quantity as quantity
    from source
    union all
    select
        *,
        'available' as quantity_kind,
        fulfillable_quantity as quantity
    from source
    union all
    select
        *,
        'reserved' as quantity_kind,
        total_reserved_quantity as quantity
    from source
    union all
    select
        *,
        'quarantined' as quantity_kind,
        total_researching_quantity as quantity
    from source
    union all
    select
        *,
        'damaged' as quantity_kind,
        total_unfulfillable_quantity as quantity
    from source
)

select
    row_number,
    'amazon_sp' as system,
    last_updated_time as as_of,
    seller_sku as sku,
    quantity_kind,
    quantity,
    'amazon-' || lower(granularity_id) as location_id,
    concat_ws('|', _fivetran_id, quantity_kind) as source_event_key
from claims
