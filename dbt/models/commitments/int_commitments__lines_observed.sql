with

events as (
    select * from {{ ref('int_commitments__events_heard') }}
    where event_type in ('picked', 'short_picked')
),

final as (
    select
        order_id,
        line_id,
        count(*) filter (where event_type = 'picked') > 0 as is_picked,
        count(*) filter (where event_type = 'short_picked') > 0 as is_short_picked,
        min(occurred_at) as first_pick_at,
        {{ latest_by('location_id', 'occurred_at') }} as pick_location_id
    from events
    group by order_id, line_id
)

select * from final
