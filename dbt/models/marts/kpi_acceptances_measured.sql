with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

commitments as (
    select * from {{ ref('fct_commitments') }}
    where commitment_type = 'cancelled'
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
    where state = 'available' and (order_id is null or return_id is not null)
),

claims as (
    select * from {{ ref('fct_stock_claims') }}
    where quantity_kind = 'sellable_listed' and channel_id is not null
),

-- What can be promised changes with stock that comes and goes for any reason but an order, and with
-- demand accepted and cancelled; what an order takes out was accepted before.
changes as (
    select
        sku,
        location_id,
        quantity,
        occurred_at as changed_at,
        null::varchar as order_id,
        null::varchar as line_id
    from entries
    union all
    select
        commitments.sku,
        lines.location_id,
        commitments.quantity,
        commitments.occurred_at as changed_at,
        null::varchar as order_id,
        null::varchar as line_id
    from commitments
    inner join lines
        on commitments.order_id = lines.order_id and commitments.line_id = lines.line_id
    union all
    select
        sku,
        location_id,
        -ordered_quantity as quantity,
        placed_at as changed_at,
        order_id,
        line_id
    from lines
),

promisable as (
    select
        *,
        sum(quantity) over (
            partition by sku
            order by changed_at, order_id nulls first, line_id
            rows between unbounded preceding and current row
        ) - quantity as network_quantity,
        sum(quantity) over (
            partition by sku, location_id
            order by changed_at, order_id nulls first, line_id
            rows between unbounded preceding and current row
        ) - quantity as location_quantity
    from changes
),

listings as (
    select
        sku,
        channel_id,
        sum(claimed_quantity) as listed_quantity,
        as_of as changed_at,
        null::varchar as order_id,
        null::varchar as line_id
    from claims
    group by sku, channel_id, as_of
    union all
    select
        sku,
        channel_id,
        null as listed_quantity,
        placed_at as changed_at,
        order_id,
        line_id
    from lines
),

listed as (
    select
        order_id,
        line_id,
        last_value(listed_quantity ignore nulls) over (
            partition by sku, channel_id
            order by changed_at, order_id nulls first, line_id
            rows between unbounded preceding and current row
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
        cast(listed.listed_quantity as bigint) as listed_quantity,
        cast(promisable.network_quantity as bigint) as network_quantity,
        cast(
            case
                when lines.location_id is null then promisable.network_quantity
                else promisable.location_quantity
            end as bigint
        ) as location_quantity,
        lines.placed_at,
        lines.placed_on
    from lines
    inner join promisable
        on lines.order_id = promisable.order_id and lines.line_id = promisable.line_id
    inner join listed
        on lines.order_id = listed.order_id and lines.line_id = listed.line_id
)

select * from final
