-- A place keeps its own safety stock; the network keeps each place's, as far as it has it, and its
-- own.
with

safety_stocks as (
    select * from {{ ref('dim_safety_stocks') }}
    where is_current
),

positions as (
    select * from {{ ref('int_availability__positions') }}
),

final as (
    select
        positions.sku,
        positions.location_id,
        positions.location_id as at_location_id,
        safety_stocks.command_id,
        safety_stocks.safety_stock_quantity
    from positions
    inner join safety_stocks
        on
            positions.sku = safety_stocks.sku
            and positions.location_id = safety_stocks.location_id
    union all
    select
        positions.sku,
        '*' as location_id,
        positions.location_id as at_location_id,
        safety_stocks.command_id,
        least(
            safety_stocks.safety_stock_quantity,
            greatest(positions.free_quantity - positions.overdrawn_quantity, 0)
        ) as safety_stock_quantity
    from positions
    inner join safety_stocks
        on
            positions.sku = safety_stocks.sku
            and positions.location_id = safety_stocks.location_id
    where positions.location_id != '*'
)

select * from final
where safety_stock_quantity > 0
