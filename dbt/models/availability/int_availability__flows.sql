-- What comes and goes by day, 0 being today: what is overdue from customers is due today, what is
-- overdue from suppliers does not come.
with

demand as (
    select * from {{ ref('fct_demand_open') }}
    where not is_held
),

supply as (
    select * from {{ ref('fct_supply_expected') }}
    where not is_late
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

told as (
    select
        sku,
        location_id,
        due_on,
        cast(0 as bigint) as supply_quantity,
        quantity as demand_quantity
    from demand
    union all
    select
        sku,
        location_id,
        due_on,
        confirmed_quantity as supply_quantity,
        cast(0 as bigint) as demand_quantity
    from supply
),

dated as (
    select
        told.*,
        greatest(
            0,
            told.due_on
            - {{ local_date('clock.as_of_at', "coalesce(locations.time_zone, 'UTC')") }}
        ) as day
    from told
    cross join clock
    -- left: most demand asks for no location
    left join locations on told.location_id = locations.location_id
),

-- demand that asks for no location is the network's alone
final as (
    select
        sku,
        location_id,
        cast(day as bigint) as day,
        cast(sum(supply_quantity) as bigint) as supply_quantity,
        cast(sum(demand_quantity) as bigint) as demand_quantity
    from dated
    where location_id is not null
    group by sku, location_id, day
    union all
    select
        sku,
        '*' as location_id,
        cast(day as bigint) as day,
        cast(sum(supply_quantity) as bigint) as supply_quantity,
        cast(sum(demand_quantity) as bigint) as demand_quantity
    from dated
    group by sku, day
)

select * from final
