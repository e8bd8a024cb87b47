-- What each channel may promise for each day of the horizon, term by term. A place where nothing
-- comes or goes is projected for today only and is every day as it is today.
with

availability as (
    select * from {{ ref('fct_availability') }}
),

projected as (
    select * from {{ ref('fct_availability_projected') }}
),

days as (
    select cast(unnest(range({{ var('availability_horizon_days') }})) as bigint) as day
),

spread as (
    select
        availability.sku,
        availability.location_id,
        availability.channel_id,
        days.day,
        {% for term in [
            'free', 'overdrawn', 'supply_so_far', 'demand_so_far', 'projected', 'lowest',
            'safety_stock',
        ] -%}
        coalesce(projected.{{ term }}_quantity, today.{{ term }}_quantity) as {{ term }}_quantity,
        {% endfor -%}
        availability.buffer_quantity,
        today.projected_on + cast(days.day as integer) as projected_on
    from availability
    inner join projected as today
        on
            availability.sku = today.sku
            and availability.location_id = today.location_id
            and today.day = 0
    cross join days
    -- left: where nothing comes or goes
    left join projected
        on
            availability.sku = projected.sku
            and availability.location_id = projected.location_id
            and days.day = projected.day
),

promised as (
    select
        *,
        lowest_quantity - safety_stock_quantity - buffer_quantity as own_quantity,
        max(
            case
                when location_id = '*'
                    then lowest_quantity - safety_stock_quantity - buffer_quantity
            end
        ) over (partition by sku, channel_id, day) as network_quantity
    from spread
),

final as (
    select
        sku,
        location_id,
        channel_id,
        day,
        free_quantity,
        overdrawn_quantity,
        supply_so_far_quantity,
        demand_so_far_quantity,
        projected_quantity,
        projected_quantity - lowest_quantity as owed_later_quantity,
        safety_stock_quantity,
        buffer_quantity,
        greatest(own_quantity - network_quantity, 0) as kept_for_network_quantity,
        least(own_quantity, network_quantity) as signed_atp_quantity,
        greatest(least(own_quantity, network_quantity), 0) as atp_quantity,
        cast(projected_on as date) as projected_on
    from promised
)

select * from final
