with

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where flag = 'negative_balance'
),

spans as (
    select * from {{ ref('kpi_negative_spans') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    select
        'count' as variant,
        movements.from_location_id as location_id,
        movements.movement_id,
        movements.sku,
        movements.lot_id,
        movements.from_state as state,
        cast(1 as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('movements.occurred_at', "coalesce(locations.time_zone, 'UTC')") }} as period
    from movements
    -- left: the location 'unknown' has no row
    left join locations on movements.from_location_id = locations.location_id
    union all
    select
        'unit_hours' as variant,
        location_id,
        cast(null as varchar) as movement_id,
        sku,
        lot_id,
        state,
        cast(
            -balance_quantity * {{ hours_between('from_at', 'to_at') }} as decimal(38, 6)
        ) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        below_zero_on as period
    from spans
)

select * from final
