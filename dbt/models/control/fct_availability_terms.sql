-- How each promise comes about: what is on hand, less what is spoken for, plus what comes and less
-- what is owed until the scarcest day, less what is kept back. Steps between two totals sum to the
-- later one.
with

availability as (
    select * from {{ ref('fct_availability') }}
),

balances as (
    select
        *,
        case when state = 'available' then 'expired' else state end as held_state
    from {{ ref('fct_stock_balances') }}
    where is_on_hand and not is_sellable
),

projected as (
    select * from {{ ref('fct_availability_projected') }}
),

taken as (
    select
        sku,
        coalesce(location_id, '*') as location_id,
        held_state as state,
        sum(quantity) as quantity
    from balances
    group by grouping sets ((sku, held_state), (sku, location_id, held_state))
    having sum(quantity) != 0
),

untaken as (
    select
        sku,
        location_id,
        sum(quantity) as quantity
    from taken
    group by sku, location_id
),

flowed as (
    select
        availability.sku,
        availability.location_id,
        availability.channel_id,
        sum(projected.supply_quantity) as supply_quantity,
        sum(projected.demand_quantity) as demand_quantity
    from availability
    inner join projected
        on
            availability.sku = projected.sku
            and availability.location_id = projected.location_id
            and availability.lowest_on >= projected.projected_on
    group by availability.sku, availability.location_id, availability.channel_id
),

measured as (
    select
        availability.*,
        -- the network counts no place below nothing, so it leaves out what such a place lacks
        availability.free_quantity
        + coalesce(untaken.quantity, 0)
        - availability.on_hand_quantity as lacking_quantity,
        flowed.supply_quantity as counted_supply_quantity,
        flowed.demand_quantity as counted_demand_quantity
    from availability
    inner join flowed
        on
            availability.sku = flowed.sku
            and availability.location_id = flowed.location_id
            and availability.channel_id = flowed.channel_id
    -- left: all that is on hand may be free
    left join untaken
        on
            availability.sku = untaken.sku
            and availability.location_id = untaken.location_id
),

told as (
    {% for number, term, kind, quantity in [
        (1, 'on_hand', 'total', 'on_hand_quantity'),
        (3, 'lacking_elsewhere', 'step', 'lacking_quantity'),
        (4, 'free', 'total', 'free_quantity'),
        (5, 'overdrawn', 'step', '-overdrawn_quantity'),
        (6, 'supply', 'step', 'counted_supply_quantity'),
        (7, 'demand', 'step', '-counted_demand_quantity'),
        (8, 'lowest', 'total', 'lowest_quantity'),
        (9, 'safety_stock', 'step', '-safety_stock_quantity'),
        (10, 'buffer', 'step', '-buffer_quantity'),
        (11, 'kept_for_network', 'step', '-kept_for_network_quantity'),
        (12, 'signed_atp', 'total', 'signed_atp_quantity'),
        (13, 'late_supply', 'beside', 'late_supply_quantity'),
        (14, 'undated_supply', 'beside', 'undated_supply_quantity'),
        (15, 'held_demand', 'beside', 'held_demand_quantity'),
    ] -%}
    select
        sku,
        location_id,
        channel_id,
        '{{ term }}' as term,
        '{{ kind }}' as kind,
        {{ number }} as position,
        {{ quantity }} as quantity
    from measured
    where '{{ kind }}' = 'total' or {{ quantity }} != 0
    union all
    {% endfor -%}
    select
        availability.sku,
        availability.location_id,
        availability.channel_id,
        taken.state as term,
        'step' as kind,
        2 as position,
        -taken.quantity as quantity
    from availability
    inner join taken
        on
            availability.sku = taken.sku
            and availability.location_id = taken.location_id
),

final as (
    select
        sku,
        location_id,
        channel_id,
        term,
        kind,
        cast(position as bigint) as position,
        cast(quantity as bigint) as quantity
    from told
)

select * from final
