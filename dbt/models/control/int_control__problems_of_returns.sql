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

-- a line may come back in several returns, and only all of them together are too many
brought_back as (
    select
        order_id,
        order_line_id,
        sku,
        max_by(location_id, received_at) as location_id,
        string_agg(return_id, ', ' order by received_at, return_id) as return_ids,
        cast(sum(received_quantity) as bigint) as received_quantity,
        max(received_at) as received_at
    from returns
    where received_quantity > 0
    group by order_id, order_line_id, sku
),

returned_beyond_shipped as (
    select
        'returned_beyond_shipped' as exception_type,
        'warning' as severity,
        concat_ws(' · ', order_lines.order_id, order_lines.line_id, order_lines.sku) as subject,
        order_lines.sku,
        brought_back.location_id,
        brought_back.received_quantity - order_lines.shipped_quantity as quantity,
        cast(null as decimal(38, 4)) as amount,
        'Return ' || brought_back.return_ids || ' brought back '
        || brought_back.received_quantity || ' ' || order_lines.sku || '; line '
        || order_lines.line_id || ' of order ' || order_lines.order_id || ' had shipped '
        || order_lines.shipped_quantity || '.' as detail,
        cast(null as varchar) as evidence,
        brought_back.received_at as first_seen_at
    from brought_back
    inner join order_lines
        on
            brought_back.order_id = order_lines.order_id
            and brought_back.order_line_id = order_lines.line_id
            and brought_back.sku = order_lines.sku
    where brought_back.received_quantity > order_lines.shipped_quantity
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
