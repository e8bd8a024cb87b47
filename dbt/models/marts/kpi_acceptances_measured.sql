with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

promisable as (
    select * from {{ ref('int_marts__lines_promisable') }}
),

claims as (
    select * from {{ ref('fct_stock_claims') }}
    where quantity_kind = 'sellable_listed' and channel_id is not null
),

listings as (
    select
        sku,
        channel_id,
        sum(claimed_quantity) as listed_quantity,
        cast(null as varchar) as order_id,
        cast(null as varchar) as line_id,
        as_of as changed_at
    from claims
    group by sku, channel_id, as_of
    union all
    select
        sku,
        channel_id,
        null as listed_quantity,
        order_id,
        line_id,
        placed_at as changed_at
    from lines
),

listed as (
    select
        order_id,
        line_id,
        cast(
            last_value(listed_quantity ignore nulls) over (
                partition by sku, channel_id
                order by changed_at, order_id nulls first, line_id
                rows between unbounded preceding and current row
            ) as bigint
        ) as listed_quantity
    from listings
),

final as (
    select
        lines.order_id,
        lines.line_id,
        lines.sku,
        lines.channel_id,
        lines.location_id,
        lines.ordered_quantity,
        listed.listed_quantity,
        promisable.network_quantity,
        promisable.location_quantity,
        lines.placed_at,
        lines.placed_on
    from lines
    inner join promisable
        on lines.order_id = promisable.order_id and lines.line_id = promisable.line_id
    inner join listed
        on lines.order_id = listed.order_id and lines.line_id = listed.line_id
)

select * from final
