-- The life of a line, by quantities: no step may be ahead of the one before it, less what was
-- taken back. A site is held to the steps it declared; one that declared none to the steps it told
-- of this line, and to those it told of any from the first time on. Delivery is held to shipment.
with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'fulfilment_events.%'
),

deliveries as (
    select * from {{ ref('int_commitments__events_heard') }}
    where event_type = 'delivered'
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

events as (
    select
        event_id,
        case event_name
            when 'fulfilment_events.unreserved' then 'reserved'
            when 'fulfilment_events.unpicked' then 'picked'
            else split_part(event_name, '.', 2)
        end as step,
        event_name in ('fulfilment_events.unreserved', 'fulfilment_events.unpicked')
            as is_taken_back,
        order_id,
        order_line_id,
        sku,
        location_id,
        quantity,
        ordered_quantity,
        source_system,
        source_event_key,
        is_told_twice,
        occurred_at
    from owned
    union all
    select
        md5(concat_ws(
            '|', 'fulfilment_events.delivered', source_system, source_event_key, 'line ' || line_id
        )) as event_id,
        'delivered' as step,
        false as is_taken_back,
        order_id,
        line_id as order_line_id,
        sku,
        location_id,
        quantity,
        cast(null as bigint) as ordered_quantity,
        source_system,
        source_event_key,
        false as is_told_twice,
        occurred_at
    from deliveries
),

stepped as (
    select
        events.*,
        case
            when events.is_told_twice then 0
            when events.is_taken_back then -events.quantity
            else events.quantity
        end as told_change,
    {% for step, told in [('reserve', 'reserved'), ('pick', 'picked'), ('pack', 'packed')] -%}
    coalesce(
        site_steps.reports_{{ step }},
        bool_or(events.step = '{{ told }}') over line_at_site
        or events.occurred_at >= site_steps.first_{{ step }}_at,
        false
    ) as has_{{ step }}{{ ',' if not loop.last }}
    {% endfor %}
    from events
    -- left: a delivery names no place
    left join site_steps on events.location_id = site_steps.location_id
    window line_at_site as (
        partition by
            events.order_id, events.order_line_id, events.sku, events.location_id
    )
),

expected as (
    select
        *,
        -- a delivery is of the whole line, every other step of the part of it at one site
        case when step = 'delivered' then '*' else location_id end as place,
        case step
            when 'reserved' then 1
            when 'picked' then 2
            when 'packed' then 3
            when 'shipped' then 4
            when 'delivered' then 5
        end as step_rank,
        case
            when step = 'delivered' then 'shipped'
            when step = 'shipped' and has_pack then 'packed'
            when step in ('shipped', 'packed') and has_pick then 'picked'
            when step in ('shipped', 'packed', 'picked') and has_reserve then 'reserved'
        end as step_before
    from stepped
),

{% set steps = ['reserved', 'picked', 'packed', 'shipped'] -%}
counted as (
    select
        *,
        sum(told_change) over (
            partition by order_id, order_line_id, sku, place, step
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as told_quantity,
        sum(told_change) over same_step as line_quantity,
        lag(event_id) over same_step as same_step_event_id,
        case step_before
            {% for step in steps -%}
            when '{{ step }}'
                then
                    coalesce(
                        sum(case when step = '{{ step }}' then told_change end)
                            over {{ 'line_until_now' if step == 'shipped' else 'site_until_now' }},
                        0
                    )
            {% endfor -%}
        end as before_quantity,
        case step_before
            {% for step in steps -%}
            when '{{ step }}'
                then
                    min(
                        case
                            when step = '{{ step }}' and not is_taken_back
                                then row(occurred_at, event_id)
                        end
                    ) over line_from_now
            {% endfor -%}
        end as later_event,
        max(row(occurred_at, step_rank, event_id)) over (
            partition by order_id, order_line_id, sku
            order by occurred_at, step_rank, event_id
            rows between unbounded preceding and 1 preceding
        ) as previous_event
    from expected
    window
        same_step as (
            partition by order_id, order_line_id, sku, step
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ),
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
            when counted.step != 'delivered' and counted.occurred_at > orders.cancelled_at
                then 'after_cancellation'
            -- beyond the whole line, and not for the first time
            when
                counted.ordered_quantity > 0
                and counted.line_quantity > counted.ordered_quantity
                and counted.line_quantity > counted.quantity
                then 'repeated'
            when
                counted.step_before is not null
                and counted.told_quantity > counted.before_quantity
                then case when counted.later_event is null then 'skipped' else 'backwards' end
        end as breach
    from counted
    -- left: an event may come without its order
    left join orders on counted.order_id = orders.order_id
    where not counted.is_taken_back
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
        case
            when breach = 'repeated' and not is_told_twice then same_step_event_id
            else coalesce(struct_extract(later_event, 2), struct_extract(previous_event, 3))
        end as other_event_id,
        source_system,
        source_event_key,
        is_told_twice,
        occurred_at
    from judged
    where breach is not null
)

select * from final
