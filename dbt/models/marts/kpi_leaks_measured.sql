with

leaks_of_orders as (
    select * from {{ ref('int_marts__leaks_of_orders') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
    where received_quantity > 0
),

products as (
    select * from {{ ref('dim_products') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

assumptions as (
    select * from {{ ref('kpi_assumptions') }}
),

moved as (
    select
        case when movements.to_state = 'suspense' then 'reship' else 'write_off' end
            as leak_type,
        case
            when movements.to_state = 'suspense' then 'shipped_beyond_order'
            else coalesce(movements.reason, 'unknown')
        end as cause,
        movements.movement_id,
        movements.order_id,
        movements.order_line_id as line_id,
        movements.return_id,
        movements.sku,
        movements.from_location_id as location_id,
        movements.quantity,
        movements.quantity * (
            coalesce(products.unit_cost_amount, 0)
            + case when movements.to_state = 'suspense' then assumptions.amount else 0 end
        ) as amount,
        movements.occurred_at
    from movements
    inner join products on movements.sku = products.sku
    inner join assumptions on assumptions.assumption = 'reship_per_unit'
    where
        movements.to_state in ('lost', 'scrapped')
        or (movements.to_state = 'suspense' and movements.movement_type = 'shipped')
),

handled as (
    select
        'return_handling' as leak_type,
        coalesce(returns.reason, 'unknown') as cause,
        cast(null as varchar) as movement_id,
        returns.order_id,
        returns.order_line_id as line_id,
        returns.return_id,
        returns.sku,
        returns.location_id,
        returns.received_quantity as quantity,
        returns.received_quantity * assumptions.amount as amount,
        returns.received_at as occurred_at
    from returns
    inner join assumptions on assumptions.assumption = 'handling_per_returned_unit'
),

final as (
    {% for leak in ['moved', 'handled'] -%}
    select
        {{ leak }}.leak_type,
        {{ leak }}.cause,
        {{ leak }}.movement_id,
        {{ leak }}.order_id,
        {{ leak }}.line_id,
        {{ leak }}.return_id,
        {{ leak }}.sku,
        {{ leak }}.location_id,
        cast(null as varchar) as channel_id,
        {{ leak }}.quantity,
        cast({{ leak }}.amount as decimal(18, 4)) as amount,
        {{ local_date(leak ~ '.occurred_at', "coalesce(locations.time_zone, 'UTC')") }}
            as leaked_on
    from {{ leak }}
    -- left: the location 'unknown' has no row
    left join locations on {{ leak }}.location_id = locations.location_id
    union all
    {% endfor -%}
    select
        leak_type,
        cause,
        cast(null as varchar) as movement_id,
        order_id,
        line_id,
        cast(null as varchar) as return_id,
        sku,
        location_id,
        channel_id,
        quantity,
        amount,
        leaked_on
    from leaks_of_orders
)

select * from final
