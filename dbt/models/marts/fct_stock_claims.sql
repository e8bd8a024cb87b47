with

claims as (
    select * from {{ ref('stg_landing__stock') }}
),

final as (
    select
        md5(concat_ws('|', source_system, source_event_key)) as claim_id,
        system,
        location_id,
        channel_id,
        sku,
        lot_id,
        quantity_kind,
        claimed_quantity,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        as_of,
        recorded_at
    from claims
)

select * from final
