-- Stock of a SKU at each place that holds it or is asked for it, and over the network ('*'), where
-- one place's shortage is not another's stock.
{%- set states = ['reserved', 'in_transit'] -%}
{%- set measures = ['on_hand', 'free', 'sellable', 'reserved', 'in_transit', 'negative'] %}
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
        greatest(0, coalesce(summed.free_quantity, 0)) as sellable_quantity,
        coalesce(summed.reserved_quantity, 0) as reserved_quantity,
        coalesce(summed.in_transit_quantity, 0) as in_transit_quantity,
        greatest(0, -coalesce(summed.free_quantity, 0)) as negative_quantity
    from places
    -- left: demand and supply may be where no stock is
    left join summed
        on places.sku = summed.sku and places.location_id = summed.location_id
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
    cast(coalesce(sum(located.{{ measure }}_quantity), 0) as bigint)
        as {{ measure }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from skus
    -- left: no place may hold it
    left join located on skus.sku = located.sku
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
        negative_quantity
    from network
)

select * from final
