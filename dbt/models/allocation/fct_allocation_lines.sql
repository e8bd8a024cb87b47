with

demand as (
    select * from {{ ref('fct_demand_open') }}
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
),

final as (
    select
        demand.order_id,
        demand.line_id,
        demand.sku,
        demand.kit_sku,
        demand.channel_id,
        demand.location_id as requested_location_id,
        demand.hold_reason,
        demand.quantity,
        kit_lines.component_quantity,
        demand.unit_price,
        demand.placed_at,
        demand.promised_ship_by
    from demand
    -- left: few lines are kits
    left join kit_lines
        on
            demand.order_id = kit_lines.order_id
            and demand.line_id = kit_lines.line_id
            and demand.kit_sku = kit_lines.kit_sku
            and demand.sku = kit_lines.component_sku
    where not demand.is_held
)

select * from final
