-- What systems say they have, and what people counted: the strongest claim of all.
with

stock as (
    select * from {{ ref('stg_landing__stock') }}
),

counts as (
    select * from {{ ref('stg_landing__counts') }}
    -- the ledger knows no bins: a count of one bin cannot be held against it
    where bin_id is null
),

final as (
    select
        md5(concat_ws('|', 'stock', source_system, source_event_key)) as claim_id,
        system,
        location_id,
        channel_id,
        sku,
        lot_id,
        quantity_kind,
        claimed_quantity,
        cast(null as varchar) as count_id,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        as_of,
        recorded_at
    from stock
    union all
    select
        md5(concat_ws('|', 'counts', source_system, source_event_key)) as claim_id,
        source_system as system,
        location_id,
        cast(null as varchar) as channel_id,
        sku,
        lot_id,
        'count' as quantity_kind,
        counted_quantity as claimed_quantity,
        count_id,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        counted_at as as_of,
        recorded_at
    from counts
)

select * from final
