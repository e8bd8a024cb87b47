with

allocations as (
    select * from {{ ref('fct_allocations') }}
    where
        short_quantity > 0
        -- what a kit lacks because another component is short is that one's shortage
        and shortage_reason != 'kit_incomplete'
),

lines as (
    select * from {{ ref('fct_allocation_lines') }}
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
    where not is_stocked
),

short as (
    select
        order_id,
        line_id,
        sku,
        channel_id,
        any_value(short_quantity) as short_quantity,
        any_value(shortage_reason) as shortage_reason,
        any_value(promised_ship_by) as promised_ship_by
    from allocations
    group by order_id, line_id, sku, channel_id
),

priced as (
    select
        short.*,
        coalesce(lines.kit_sku, short.sku) as line_sku,
        lines.requested_location_id,
        lines.unit_price,
        lines.placed_at,
        -- a kit that lacks one of its two caps cannot be sold
        (short.short_quantity + coalesce(kit_lines.component_quantity, 1) - 1)
        // coalesce(kit_lines.component_quantity, 1) as short_line_quantity
    from short
    inner join lines
        on
            short.order_id = lines.order_id
            and short.line_id = lines.line_id
            and short.sku = lines.sku
    -- left: few lines are kits
    left join kit_lines
        on
            short.order_id = kit_lines.order_id
            and short.line_id = kit_lines.line_id
            and short.sku = kit_lines.component_sku
),

final as (
    select
        order_id,
        line_id,
        sku,
        line_sku,
        channel_id,
        requested_location_id,
        shortage_reason,
        short_quantity,
        short_line_quantity,
        cast(short_line_quantity * unit_price as decimal(38, 4)) as amount,
        placed_at,
        promised_ship_by
    from priced
)

select * from final
