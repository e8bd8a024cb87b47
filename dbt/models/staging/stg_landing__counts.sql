with

judged as (
    select * from {{ ref('base_landing__counts') }}
),

final as (
    select
        count_id,
        location_id,
        sku,
        bin_id,
        lot_id,
        counter_id,
        method,
        counted_quantity,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        counted_at,
        recorded_at,
        ingested_at
    from judged
    where quarantine_rule is null
)

select * from final
