with

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where movement_type = 'shipped' and to_state = 'customer'
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    select
        'units' as variant,
        movements.from_location_id as location_id,
        movements.movement_id,
        movements.order_id,
        movements.sku,
        cast(movements.quantity as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('movements.occurred_at', "coalesce(locations.time_zone, 'UTC')") }} as period
    from movements
    -- left: the location 'unknown' has no row
    left join locations on movements.from_location_id = locations.location_id
)

select * from final
