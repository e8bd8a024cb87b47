-- What customers still wait for, in the SKUs that serve it: a kit that is not stocked as such asks
-- for its components.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
    where open_quantity > 0
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
    where not is_stocked
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    select
        order_lines.order_id,
        order_lines.line_id,
        coalesce(kit_lines.component_sku, order_lines.sku) as sku,
        kit_lines.kit_sku,
        order_lines.channel_id,
        order_lines.requested_location_id as location_id,
        order_lines.hold_reason,
        case
            when order_lines.hold_reason is null then order_lines.waiting_quantity
            else order_lines.open_quantity
        end
        * coalesce(kit_lines.component_quantity, 1) as quantity,
        order_lines.unit_price,
        order_lines.is_ship_complete,
        order_lines.hold_reason is not null as is_held,
        {{ local_date(
            'coalesce(order_lines.promised_ship_by, order_lines.placed_at)',
            "coalesce(locations.time_zone, 'UTC')",
        ) }} as due_on,
        order_lines.placed_at,
        order_lines.promised_ship_by
    from order_lines
    -- left: few lines are kits, few ask for a location
    left join kit_lines
        on
            order_lines.order_id = kit_lines.order_id
            and order_lines.line_id = kit_lines.line_id
    left join locations on order_lines.requested_location_id = locations.location_id
)

select * from final
where quantity > 0
