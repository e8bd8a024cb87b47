with

returns as (
    select * from {{ ref('fct_returns') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

clock as (
    select * from {{ ref('clock') }}
),

returned_beyond_shipped as (
    select
        'returned_beyond_shipped' as exception_type,
        'warning' as severity,
        concat_ws(' · ', returns.return_id, returns.order_line_id, returns.sku) as subject,
        returns.sku,
        returns.location_id,
        returns.received_quantity - order_lines.shipped_quantity as quantity,
        cast(null as decimal(38, 4)) as amount,
        'Return ' || returns.return_id || ' brought back ' || returns.received_quantity || ' '
        || returns.sku || '; order ' || returns.order_id || ' had shipped '
        || order_lines.shipped_quantity || '.' as detail,
        cast(null as varchar) as evidence,
        returns.received_at as first_seen_at
    from returns
    inner join order_lines
        on
            returns.order_id = order_lines.order_id
            and returns.order_line_id = order_lines.line_id
            and returns.sku = order_lines.sku
    where returns.received_quantity > order_lines.shipped_quantity
),

restocked_without_receipt as (
    select
        'restocked_without_receipt' as exception_type,
        'warning' as severity,
        concat_ws(' · ', returns.return_id, returns.order_line_id, returns.sku) as subject,
        returns.sku,
        returns.location_id,
        returns.disposed_quantity - returns.received_quantity as quantity,
        cast(null as decimal(38, 4)) as amount,
        'Return ' || returns.return_id || ' was restocked or scrapped for '
        || returns.disposed_quantity || ' ' || returns.sku || ' although '
        || returns.received_quantity || ' came in. Look whether they are there.' as detail,
        cast(null as varchar) as evidence,
        coalesce(returns.restocked_at, returns.scrapped_at) as first_seen_at
    from returns
    where returns.disposed_quantity > returns.received_quantity
),

inspected_not_moved as (
    select
        'inspected_not_moved' as exception_type,
        'warning' as severity,
        concat_ws(' · ', returns.return_id, returns.order_line_id, returns.sku) as subject,
        returns.sku,
        returns.location_id,
        returns.received_quantity - returns.disposed_quantity as quantity,
        cast(null as decimal(38, 4)) as amount,
        'Return ' || returns.return_id || ' was inspected and found ' || returns.disposition || '; '
        || (returns.received_quantity - returns.disposed_quantity) || ' ' || returns.sku
        || ' still wait where returns do.' as detail,
        cast(null as varchar) as evidence,
        returns.inspected_at as first_seen_at
    from returns
    cross join clock
    where
        returns.disposition in ('available', 'scrapped')
        and returns.received_quantity > returns.disposed_quantity
        and returns.inspected_at < clock.as_of_at - interval 1 day
),

final as (
    {% for kind in [
        'returned_beyond_shipped', 'restocked_without_receipt', 'inspected_not_moved',
    ] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
