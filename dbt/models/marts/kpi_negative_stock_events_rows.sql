with

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

spans as (
    select * from {{ ref('kpi_negative_spans') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

dated as (
    select
        movements.*,
        {{ local_date('movements.occurred_at', "coalesce(locations.time_zone, 'UTC')") }} as period
    from movements
    -- left: the location 'unknown' has no row
    left join locations on movements.from_location_id = locations.location_id
),

-- a day on which stock moved and none went below zero was measured: it counts 0
moved as (
    select distinct
        from_location_id,
        period
    from dated
),

final as (
    select
        unnest(['count', 'unit_hours']) as variant,
        from_location_id as location_id,
        cast(null as varchar) as movement_id,
        cast(null as varchar) as sku,
        cast(null as varchar) as lot_id,
        cast(null as varchar) as state,
        cast(0 as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        period
    from moved
    union all
    select
        'count' as variant,
        from_location_id as location_id,
        movement_id,
        sku,
        lot_id,
        from_state as state,
        cast(1 as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        period
    from dated
    where is_overdrawing
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
