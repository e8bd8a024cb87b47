with

judged as (
    select * from {{ ref('base_landing__fulfilment_events') }}
),

final as (
    select
        event_type,
        order_id,
        line_id,
        sku,
        location_id,
        bin_id,
        lot_id,
        worker_id,
        scanned_code,
        carrier,
        tracking_number,
        reason,
        quantity,
        parcel_weight_g,
        task_started_at,
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
