with

judged as (
    select * from {{ ref('base_landing__transfers') }}
),

final as (
    select
        event_type,
        transfer_id,
        sku,
        lot_id,
        from_location_id,
        to_location_id,
        quantity,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        occurred_at,
        recorded_at,
        ingested_at
    from judged
    where quarantine_rule is null
)

select * from final
