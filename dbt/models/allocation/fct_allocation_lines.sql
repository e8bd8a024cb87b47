with

demand as (
    select * from {{ ref('fct_demand_open') }}
),

final as (
    select
        order_id,
        line_id,
        sku,
        kit_sku,
        channel_id,
        location_id as requested_location_id,
        hold_reason,
        quantity,
        unit_price,
        placed_at,
        promised_ship_by
    from demand
    where not is_held
)

select * from final
