with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

promisable as (
    select * from {{ ref('int_marts__lines_promisable') }}
),

listings as (
    select * from {{ ref('int_marts__listings') }}
),

changes as (
    select
        sku,
        channel_id,
        change_quantity,
        cast(null as varchar) as order_id,
        cast(null as varchar) as line_id,
        listed_at as changed_at
    from listings
    union all
    select
        sku,
        channel_id,
        null as change_quantity,
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
            sum(change_quantity) over (
                partition by sku, channel_id
                order by changed_at, order_id nulls first, line_id
                rows between unbounded preceding and current row
            ) as bigint
        ) as listed_quantity
    from changes
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
        coalesce(
            listed.listed_quantity >= lines.ordered_quantity
            and promisable.network_quantity < lines.ordered_quantity,
            false
        ) as is_oversold,
        lines.placed_at,
        lines.placed_on
    from lines
    inner join promisable
        on lines.order_id = promisable.order_id and lines.line_id = promisable.line_id
    inner join listed
        on lines.order_id = listed.order_id and lines.line_id = listed.line_id
)

select * from final
