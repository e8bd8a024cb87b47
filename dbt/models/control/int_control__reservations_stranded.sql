-- Units held for a line that will not take them: its order is cancelled, or they were not found
-- when they were to be picked and nothing was reserved for it since.
with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
    where is_short_picked or cancelled_at is not null
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where order_id is not null and return_id is null
),

short_picks as (
    select
        order_id,
        line_id,
        max(occurred_at) as short_picked_at
    from {{ ref('stg_landing__fulfilment_events') }}
    where event_type = 'short_picked'
    group by order_id, line_id
),

moved as (
    select
        movements.*,
        order_lines.line_id,
        order_lines.cancelled_at
    from movements
    inner join order_lines
        on
            movements.order_id = order_lines.order_id
            and movements.order_line_id = order_lines.line_id
),

sides as (
    {% for side, sign in [('to', '1'), ('from', '-1')] -%}
    select
        order_id,
        line_id,
        sku,
        {{ side }}_location_id as location_id,
        {{ side }}_state as state,
        cancelled_at,
        {{ sign }} * quantity as quantity,
        {{ 'occurred_at' if side == 'to' else 'cast(null as timestamp)' }} as entered_at
    from moved
    where {{ side }}_state in ('reserved', 'picked', 'packed')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

held as (
    select
        order_id,
        line_id,
        sku,
        location_id,
        state,
        cancelled_at,
        sum(quantity) as quantity,
        max(entered_at) as last_entered_at
    from sides
    group by order_id, line_id, sku, location_id, state, cancelled_at
    having sum(quantity) > 0
),

final as (
    select
        held.order_id,
        held.line_id,
        held.sku,
        held.location_id,
        held.state,
        case when held.cancelled_at is null then 'not_found' else 'cancelled' end as cause,
        cast(held.quantity as bigint) as quantity,
        case
            when held.cancelled_at is null then short_picks.short_picked_at
            else greatest(held.cancelled_at, held.last_entered_at)
        end as stranded_at
    from held
    -- left: most lines are cancelled before anything is picked
    left join short_picks
        on
            held.order_id = short_picks.order_id
            and held.line_id = short_picks.line_id
    where
        held.cancelled_at is not null
        or (held.state = 'reserved' and held.last_entered_at <= short_picks.short_picked_at)
)

select * from final
