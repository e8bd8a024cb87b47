with

balances as (
    select * from {{ ref('fct_stock_balances') }}
    where is_physical
),

demand as (
    select * from {{ ref('int_availability__demand_opened') }}
),

policies as (
    select * from {{ ref('int_availability__policies') }}
),

stocked as (
    select
        sku,
        location_id,
        cast(sum(case when is_on_hand then quantity else 0 end) as bigint) as on_hand_quantity,
        cast(sum(case when state = 'available' then quantity else 0 end) as bigint)
            as free_quantity,
        cast(sum(case when state = 'reserved' then quantity else 0 end) as bigint)
            as reserved_quantity,
        cast(sum(case when state = 'in_transit' then quantity else 0 end) as bigint)
            as in_transit_quantity
    from balances
    group by sku, location_id
),

located_demand as (
    select
        sku,
        location_id,
        open_demand_quantity,
        held_demand_quantity
    from demand
    where location_id is not null
),

-- what nobody holds any of can be asked for all the same
places as (
    select
        sku,
        location_id
    from stocked
    union
    select
        sku,
        location_id
    from located_demand
),

stock as (
    select
        places.sku,
        places.location_id,
    {% for column in ['on_hand', 'free', 'reserved', 'in_transit'] -%}
    coalesce(stocked.{{ column }}_quantity, 0) as {{ column }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from places
    -- left: demand may ask where no stock is
    left join stocked
        on places.sku = stocked.sku and places.location_id = stocked.location_id
),

network_demand as (
    select
        sku,
        cast(sum(open_demand_quantity) as bigint) as open_demand_quantity,
        cast(sum(held_demand_quantity) as bigint) as held_demand_quantity
    from demand
    group by sku
),

fences as (
    select
        sku,
        channel_id,
        sum(ring_fence_quantity) over (partition by sku) - ring_fence_quantity
            as fenced_quantity
    from policies
),

located as (
    select
        stock.sku,
        stock.location_id,
        policies.channel_id,
        policies.rule_id,
        stock.on_hand_quantity,
        stock.free_quantity,
        stock.reserved_quantity,
        stock.in_transit_quantity,
        coalesce(located_demand.open_demand_quantity, 0) as open_demand_quantity,
        coalesce(located_demand.held_demand_quantity, 0) as held_demand_quantity,
        policies.buffer_quantity,
        stock.free_quantity
        - coalesce(located_demand.open_demand_quantity, 0)
        - policies.buffer_quantity as signed_atp_quantity
    from stock
    inner join policies on stock.sku = policies.sku
    -- left: few orders ask for a location
    left join located_demand
        on
            stock.sku = located_demand.sku
            and stock.location_id = located_demand.location_id
),

-- One location's shortage is not another's stock: only what is there can be sold.
network as (
    select
        located.sku,
        '*' as location_id,
        located.channel_id,
        any_value(located.rule_id) as rule_id,
        sum(located.on_hand_quantity) as on_hand_quantity,
        sum(greatest(located.free_quantity, 0)) as free_quantity,
        sum(located.reserved_quantity) as reserved_quantity,
        sum(located.in_transit_quantity) as in_transit_quantity,
        coalesce(any_value(network_demand.open_demand_quantity), 0) as open_demand_quantity,
        coalesce(any_value(network_demand.held_demand_quantity), 0) as held_demand_quantity,
        sum(least(located.buffer_quantity, greatest(located.free_quantity, 0)))
        + any_value(fences.fenced_quantity) as buffer_quantity,
        sum(greatest(-located.free_quantity, 0)) as negative_quantity
    from located
    inner join fences
        on located.sku = fences.sku and located.channel_id = fences.channel_id
    -- left: many SKUs have no open demand
    left join network_demand on located.sku = network_demand.sku
    group by located.sku, located.channel_id
),

-- a SKU that is asked for and lies nowhere
nowhere as (
    select
        policies.sku,
        '*' as location_id,
        policies.channel_id,
        policies.rule_id,
        0 as on_hand_quantity,
        0 as free_quantity,
        0 as reserved_quantity,
        0 as in_transit_quantity,
        network_demand.open_demand_quantity,
        network_demand.held_demand_quantity,
        fences.fenced_quantity as buffer_quantity,
        0 as negative_quantity
    from policies
    inner join network_demand on policies.sku = network_demand.sku
    inner join fences
        on policies.sku = fences.sku and policies.channel_id = fences.channel_id
    anti join stock on policies.sku = stock.sku
),

network_signed as (
    select
        *,
        free_quantity - open_demand_quantity - buffer_quantity as signed_atp_quantity
    from network
    union all
    select
        *,
        free_quantity - open_demand_quantity - buffer_quantity as signed_atp_quantity
    from nowhere
),

final as (
    select
        sku,
        location_id,
        channel_id,
        rule_id,
        {% for column in [
            'on_hand', 'free', 'reserved', 'in_transit', 'open_demand', 'held_demand', 'buffer',
        ] -%}
        cast({{ column }}_quantity as bigint) as {{ column }}_quantity,
        {% endfor -%}
        cast(signed_atp_quantity as bigint) as signed_atp_quantity,
        cast(greatest(signed_atp_quantity, 0) as bigint) as atp_quantity,
        cast(
            greatest(open_demand_quantity - free_quantity, 0) + negative_quantity as bigint
        ) as oversell_exposure_quantity
    from network_signed
    union all
    select
        sku,
        location_id,
        channel_id,
        rule_id,
        {% for column in [
            'on_hand', 'free', 'reserved', 'in_transit', 'open_demand', 'held_demand', 'buffer',
        ] -%}
        {{ column }}_quantity,
        {% endfor -%}
        signed_atp_quantity,
        greatest(signed_atp_quantity, 0) as atp_quantity,
        greatest(open_demand_quantity - free_quantity, 0) as oversell_exposure_quantity
    from located
)

select * from final
