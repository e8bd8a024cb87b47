with

judged as (
    select * from {{ ref('base_landing__receipts') }}
),

final as (
    select
        event_type,
        po_id,
        po_line_id,
        sku,
        location_id,
        bin_id,
        lot_id,
        condition,
        reason,
        quantity,
        expires_on,
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
