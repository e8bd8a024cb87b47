with

returns as (
    select * from {{ ref('fct_returns') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

final as (
    {% for variant, worth in [
        ('units', '1'), ('value', 'coalesce(products.unit_cost_amount, 0)'),
    ] -%}
    select
        '{{ variant }}' as variant,
        returns.location_id,
        returns.return_id,
        returns.order_id,
        returns.sku,
        cast(
            (returns.restocked_quantity - returns.received_quantity) * {{ worth }} as decimal(38, 6)
        ) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('returns.restocked_at', "coalesce(locations.time_zone, 'UTC')") }} as period
    from returns
    inner join products on returns.sku = products.sku
    -- left: a return may name no location
    left join locations on returns.location_id = locations.location_id
    where returns.restocked_quantity > returns.received_quantity
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
