with

events as (
    select * from {{ ref('int_commitments__events_heard') }}
    where event_type in ('picked', 'short_picked', 'delivered', 'delivery_failed')
),

final as (
    select
        order_id,
        line_id,
        count(*) filter (where event_type = 'picked') > 0 as is_picked,
        count(*) filter (where event_type = 'short_picked') > 0 as is_short_picked,
        min(occurred_at) filter (where event_type in ('picked', 'short_picked')) as first_pick_at,
        {{ latest_by('location_id', 'occurred_at') }} filter (
            where event_type in ('picked', 'short_picked')
        )
            as pick_location_id,
        min(occurred_at) filter (where event_type = 'delivered') as delivered_at
    from events
    group by order_id, line_id
)

select * from final
