-- The life of a line, by quantities: no step may be ahead of the one before it. A site is held to
-- the steps it declared; delivery is held to shipment everywhere.
with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'fulfilment_events.%'
),

deliveries as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
    where event_type = 'delivered'
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

-- several systems may tell of one delivery: only one of them is listened to
delivered as (
    select *
    from deliveries
    qualify
        source_system = min(source_system) over (partition by order_id, line_id)
),

events as (
    select
        event_id,
        split_part(event_name, '.', 2) as step,
        order_id,
        order_line_id,
        sku,
        location_id,
        quantity,
        source_system,
        source_event_key,
        is_told_twice,
        occurred_at
    from owned
    where event_name not in ('fulfilment_events.unreserved', 'fulfilment_events.unpicked')
    union all
    select
        md5(concat_ws(
            '|', 'fulfilment_events.delivered', source_system, source_event_key, 'line ' || line_id
        )) as event_id,
        'delivered' as step,
        order_id,
        line_id as order_line_id,
        sku,
        location_id,
        quantity,
        source_system,
        source_event_key,
        false as is_told_twice,
        occurred_at
    from delivered
),

expected as (
    select
        events.*,
        -- a delivery is of the whole line, every other step of the part of it at one site
        case when events.step = 'delivered' then '*' else events.location_id end as place,
        case events.step
            when 'reserved' then 1
            when 'picked' then 2
            when 'packed' then 3
            when 'shipped' then 4
            when 'delivered' then 5
        end as step_rank,
        case
            when events.step = 'delivered' then 'shipped'
            when events.step = 'shipped' and site_steps.reports_pack then 'packed'
            when events.step in ('shipped', 'packed') and site_steps.reports_pick then 'picked'
            when events.step in ('shipped', 'packed', 'picked') and site_steps.reports_reserve
                then 'reserved'
        end as step_before
    from events
    -- left: a delivery names no place
    left join site_steps on events.location_id = site_steps.location_id
),

{% set steps = ['reserved', 'picked', 'packed', 'shipped'] -%}
counted as (
    select
        *,
        sum(case when not is_told_twice then quantity else 0 end) over (
            partition by order_id, order_line_id, sku, place, step
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as told_quantity,
        case step_before
            {% for step in steps -%}
            when '{{ step }}'
                then
                    coalesce(
                        sum(
                            case when step = '{{ step }}' and not is_told_twice then quantity end
                        ) over {{ 'line_until_now' if step == 'shipped' else 'site_until_now' }},
                        0
                    )
            {% endfor -%}
        end as before_quantity,
        case step_before
            {% for step in steps -%}
            when '{{ step }}'
                then
                    min(case when step = '{{ step }}' then row(occurred_at, event_id) end)
                        over line_from_now
            {% endfor -%}
        end as later_event,
        max(row(occurred_at, step_rank, event_id)) over (
            partition by order_id, order_line_id, sku
            order by occurred_at, step_rank, event_id
            rows between unbounded preceding and 1 preceding
        ) as previous_event
    from expected
    window
        line_until_now as (
            partition by order_id, order_line_id, sku
            order by occurred_at
            range between unbounded preceding and current row
        ),
        site_until_now as (
            partition by order_id, order_line_id, sku, place
            order by occurred_at
            range between unbounded preceding and current row
        ),
        line_from_now as (
            partition by order_id, order_line_id, sku
            order by occurred_at, step_rank, event_id
            rows between 1 following and unbounded following
        )
),

judged as (
    select
        counted.*,
        case
            when counted.is_told_twice then 'repeated'
            when counted.occurred_at < orders.placed_at then 'before_placement'
            when
                counted.step_before is not null
                and counted.told_quantity > counted.before_quantity
                then case when counted.later_event is null then 'skipped' else 'backwards' end
        end as breach
    from counted
    -- left: an event may come without its order
    left join orders on counted.order_id = orders.order_id
),

final as (
    select
        event_id,
        breach,
        order_id,
        order_line_id as line_id,
        sku,
        location_id,
        step,
        step_before as expected_step,
        quantity,
        coalesce(struct_extract(later_event, 2), struct_extract(previous_event, 3))
            as other_event_id,
        source_system,
        source_event_key,
        occurred_at
    from judged
    where breach is not null
)

select * from final
