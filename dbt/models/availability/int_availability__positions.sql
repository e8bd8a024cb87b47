-- Stock of a SKU at each place that holds it or is asked for it, and over the network ('*'), where
-- one place's shortage is not another's stock.
{%- set states = ['reserved', 'in_transit'] -%}
{%- set measures = [
    'on_hand', 'sellable', 'reserved', 'in_transit', 'reachable_overdrawn', 'negative',
] %}
with

balances as (
    select * from {{ ref('fct_stock_balances') }}
    where is_physical
),

demand as (
    select * from {{ ref('fct_demand_open') }}
),

supply as (
    select * from {{ ref('fct_supply_expected') }}
),

summed as (
    select
        sku,
        location_id,
        cast(sum(case when is_on_hand then quantity else 0 end) as bigint) as on_hand_quantity,
        cast(sum(case when is_sellable then quantity else 0 end) as bigint) as free_quantity,
    {% for state in states -%}
    cast(sum(case when state = '{{ state }}' then quantity else 0 end) as bigint)
        as {{ state }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from balances
    group by sku, location_id
),

-- a skipped step is no shortage: what one account of a group lacks, another of it holds
grouped as (
    select
        sku,
        location_id,
        {{ flow_group() }} as flow_group,
        sum(quantity) as quantity
    from balances
    where is_on_hand
    group by sku, location_id, flow_group
),

-- a group below zero is units that are still counted as free
overdrawn as (
    select
        sku,
        location_id,
        cast(-sum(quantity) as bigint) as quantity
    from grouped
    where flow_group != 'free' and quantity < 0
    group by sku, location_id
),

places as (
    select
        sku,
        location_id
    from summed
    union
    select
        sku,
        location_id
    from demand
    where location_id is not null
    union
    select
        sku,
        location_id
    from supply
),

located as (
    select
        places.sku,
        places.location_id,
        coalesce(summed.on_hand_quantity, 0) as on_hand_quantity,
        coalesce(summed.free_quantity, 0) as free_quantity,
        coalesce(summed.reserved_quantity, 0) as reserved_quantity,
        coalesce(summed.in_transit_quantity, 0) as in_transit_quantity,
        coalesce(overdrawn.quantity, 0) as overdrawn_quantity
    from places
    -- left: demand and supply may be where no stock is, and few places are overdrawn
    left join summed
        on places.sku = summed.sku and places.location_id = summed.location_id
    left join overdrawn
        on places.sku = overdrawn.sku and places.location_id = overdrawn.location_id
),

-- what the network can count on: a place gives no more than it has, and is overdrawn on no more
reachable as (
    select
        *,
        greatest(0, free_quantity) as sellable_quantity,
        least(overdrawn_quantity, greatest(0, free_quantity)) as reachable_overdrawn_quantity,
        greatest(0, overdrawn_quantity - free_quantity) as negative_quantity
    from located
),

-- a SKU that is asked for and lies nowhere is a position too
skus as (
    select sku from located
    union
    select sku from demand
),

network as (
    select
        skus.sku,
        '*' as location_id,
    {% for measure in measures -%}
    cast(coalesce(sum(reachable.{{ measure }}_quantity), 0) as bigint)
        as {{ measure }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from skus
    -- left: no place may hold it
    left join reachable on skus.sku = reachable.sku
    group by skus.sku
),

final as (
    select
        sku,
        location_id,
        on_hand_quantity,
        free_quantity,
        reserved_quantity,
        in_transit_quantity,
        overdrawn_quantity,
        cast(0 as bigint) as negative_quantity
    from located
    union all
    select
        sku,
        location_id,
        on_hand_quantity,
        sellable_quantity as free_quantity,
        reserved_quantity,
        in_transit_quantity,
        reachable_overdrawn_quantity as overdrawn_quantity,
        negative_quantity
    from network
)

select * from final
