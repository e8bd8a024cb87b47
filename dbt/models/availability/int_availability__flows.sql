-- What comes and goes by day, 0 being today: what is overdue from customers is due today, what is
-- overdue from suppliers does not come.
with

demand as (
    select * from {{ ref('fct_demand_open') }}
    where not is_held
),

supply as (
    select * from {{ ref('fct_supply_projected') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

told as (
    select
        demand.sku,
        demand.location_id,
        greatest(
            0,
            demand.due_on
            - {{ local_date('clock.as_of_at', "coalesce(locations.time_zone, 'UTC')") }}
        ) as day,
        cast(0 as bigint) as supply_quantity,
        cast(0 as bigint) as network_supply_quantity,
        demand.quantity as demand_quantity
    from demand
    cross join clock
    -- left: most demand asks for no location
    left join locations on demand.location_id = locations.location_id
    union all
    select
        sku,
        location_id,
        day,
        confirmed_quantity as supply_quantity,
        network_quantity as network_supply_quantity,
        cast(0 as bigint) as demand_quantity
    from supply
),

-- demand that asks for no location is the network's alone
final as (
    select
        sku,
        location_id,
        cast(day as bigint) as day,
        cast(sum(supply_quantity) as bigint) as supply_quantity,
        cast(sum(demand_quantity) as bigint) as demand_quantity
    from told
    where location_id is not null
    group by sku, location_id, day
    union all
    select
        sku,
        '*' as location_id,
        cast(day as bigint) as day,
        cast(sum(network_supply_quantity) as bigint) as supply_quantity,
        cast(sum(demand_quantity) as bigint) as demand_quantity
    from told
    group by sku, day
)

select * from final
