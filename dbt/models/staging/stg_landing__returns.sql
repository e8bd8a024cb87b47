with

judged as (
    select * from {{ ref('base_landing__returns') }}
),

final as (
    select
        event_type,
        return_id,
        order_id,
        order_line_id,
        sku,
        location_id,
        lot_id,
        reason,
        condition,
        lower(disposition) as disposition,
        quantity,
        refund_amount,
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
