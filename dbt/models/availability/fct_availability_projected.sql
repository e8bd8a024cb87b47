with

positions as (
    select * from {{ ref('int_availability__positions') }}
),

flows as (
    select * from {{ ref('int_availability__flows') }}
    where day < {{ var('availability_horizon_days') }}
),

kept as (
    select * from {{ ref('fct_safety_stocks_kept') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

-- where nothing comes or goes, today says it all
spans as (
    select
        positions.sku,
        positions.location_id,
        positions.free_quantity,
        positions.overdrawn_quantity,
        case
            when coalesce(max(flows.day), 0) = 0 then 0
            else {{ var('availability_horizon_days') }} - 1
        end as last_day
    from positions
    -- left: most stock lies still
    left join flows
        on positions.sku = flows.sku and positions.location_id = flows.location_id
    group by
        positions.sku,
        positions.location_id,
        positions.free_quantity,
        positions.overdrawn_quantity
),

days as (
    select
        sku,
        location_id,
        free_quantity,
        overdrawn_quantity,
        cast(unnest(range(0, last_day + 1)) as bigint) as day
    from spans
),

flowed as (
    select
        days.sku,
        days.location_id,
        days.day,
        days.free_quantity,
        days.overdrawn_quantity,
        coalesce(flows.supply_quantity, 0) as supply_quantity,
        coalesce(flows.demand_quantity, 0) as demand_quantity,
        cast(
            sum(coalesce(flows.supply_quantity, 0)) over so_far as bigint
        ) as supply_so_far_quantity,
        cast(
            sum(coalesce(flows.demand_quantity, 0)) over so_far as bigint
        ) as demand_so_far_quantity
    from days
    -- left: most days bring nothing
    left join flows
        on
            days.sku = flows.sku
            and days.location_id = flows.location_id
            and days.day = flows.day
    window
        so_far as (
            partition by days.sku, days.location_id
            order by days.day
            rows between unbounded preceding and current row
        )
),

projected as (
    select
        *,
        free_quantity - overdrawn_quantity + supply_so_far_quantity - demand_so_far_quantity
            as projected_quantity
    from flowed
),

safety_stocks as (
    select
        sku,
        location_id,
        cast(sum(safety_stock_quantity) as bigint) as safety_stock_quantity
    from kept
    group by sku, location_id
),

-- a promise for a day may not eat what a later day already owes
promised as (
    select
        projected.*,
        coalesce(safety_stocks.safety_stock_quantity, 0) as safety_stock_quantity,
        cast(
            min(projected.projected_quantity) over (
                partition by projected.sku, projected.location_id
                order by projected.day
                rows between current row and unbounded following
            ) as bigint
        ) as lowest_quantity
    from projected
    -- left: few SKUs have a safety stock
    left join safety_stocks
        on
            projected.sku = safety_stocks.sku
            and projected.location_id = safety_stocks.location_id
),

network as (
    select
        sku,
        day,
        lowest_quantity - safety_stock_quantity as signed_atp_quantity
    from promised
    where location_id = '*'
),

-- nor may a place promise what the network owes or keeps
final as (
    select
        promised.sku,
        promised.location_id,
        promised.day,
        promised.free_quantity,
        promised.overdrawn_quantity,
        promised.supply_quantity,
        promised.demand_quantity,
        promised.supply_so_far_quantity,
        promised.demand_so_far_quantity,
        promised.projected_quantity,
        promised.safety_stock_quantity,
        promised.lowest_quantity,
        greatest(
            promised.lowest_quantity
            - promised.safety_stock_quantity
            - network.signed_atp_quantity,
            0
        ) as kept_for_network_quantity,
        least(
            promised.lowest_quantity - promised.safety_stock_quantity, network.signed_atp_quantity
        ) as signed_atp_quantity,
        cast(
            {{ local_date('clock.as_of_at', "coalesce(locations.time_zone, 'UTC')") }}
            + cast(promised.day as integer) as date
        ) as projected_on
    from promised
    inner join network on promised.sku = network.sku and promised.day = network.day
    cross join clock
    -- left: the network has no time zone
    left join locations on promised.location_id = locations.location_id
)

select * from final
