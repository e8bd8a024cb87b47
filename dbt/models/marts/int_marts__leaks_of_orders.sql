with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

orders as (
    select * from {{ ref('kpi_orders_measured') }}
),

channels as (
    select * from {{ ref('dim_channels') }}
),

assumptions as (
    select * from {{ ref('kpi_assumptions') }}
),

clock as (
    select * from {{ ref('clock') }}
),

late as (
    select
        'late_penalty' as leak_type,
        case
            when lines.is_short_picked then 'short_pick'
            when lines.first_pick_at is null then 'not_picked'
            when lines.first_pick_at > lines.promised_ship_by then 'picked_late'
            else 'shipped_late'
        end as cause,
        lines.order_id,
        lines.line_id,
        lines.sku,
        lines.location_id,
        lines.channel_id,
        lines.ordered_quantity as quantity,
        channels.late_penalty_amount as amount,
        lines.due_on as leaked_on
    from lines
    inner join channels on lines.channel_id = channels.channel_id
    cross join clock
    where
        channels.late_penalty_amount > 0
        and lines.hold_reason is null
        and lines.cancelled_quantity = 0
        and lines.promised_ship_by < case
            when lines.open_quantity = 0 then lines.last_shipped_at
            else clock.as_of_at
        end
),

cancelled as (
    select
        'cancel_penalty' as leak_type,
        'out_of_stock' as cause,
        lines.order_id,
        lines.line_id,
        lines.sku,
        lines.location_id,
        lines.channel_id,
        lines.cancelled_quantity as quantity,
        channels.cancel_penalty_amount as amount,
        lines.closed_on as leaked_on
    from lines
    inner join channels on lines.channel_id = channels.channel_id
    where channels.cancel_penalty_amount > 0 and lines.is_cancelled_for_stock
),

split as (
    select
        'split_freight' as leak_type,
        case when orders.is_short_picked then 'short_pick' else 'several_locations' end as cause,
        orders.order_id,
        cast(null as varchar) as line_id,
        cast(null as varchar) as sku,
        orders.location_id,
        orders.channel_id,
        orders.location_count - 1 as quantity,
        (orders.location_count - 1) * assumptions.amount as amount,
        orders.last_shipped_on as leaked_on
    from orders
    inner join assumptions on assumptions.assumption = 'freight_per_parcel'
    where orders.is_shipped and orders.location_count > 1
),

final as (
    {% for leak in ['late', 'cancelled', 'split'] -%}
    select
        leak_type,
        cause,
        order_id,
        line_id,
        sku,
        location_id,
        channel_id,
        cast(quantity as bigint) as quantity,
        cast(amount as decimal(18, 4)) as amount,
        leaked_on
    from {{ leak }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
