with

judged as (
    select * from {{ ref('base_landing__order_lines') }}
),

final as (
    select
        order_id,
        line_id,
        sku,
        requested_location_id,
        quantity as ordered_quantity,
        coalesce(uom, 'each') as uom,
        cast(coalesce(unit_price, 0) as decimal(38, 6)) as unit_price_amount,
        coalesce(discount, 0) as discount_amount,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        recorded_at,
        ingested_at
    from judged
    where quarantine_rule is null
)

select * from final
