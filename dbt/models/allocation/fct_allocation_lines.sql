with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

final as (
    select
        order_id,
        line_id,
        sku,
        channel_id,
        requested_location_id,
        hold_reason,
        waiting_quantity as quantity,
        unit_price,
        placed_at,
        promised_ship_by
    from order_lines
    where
        waiting_quantity > 0
        and hold_reason is null
)

select * from final
