with

events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
    where worker_id is not null and event_type in ('picked', 'short_picked', 'packed')
),

shifts as (
    select * from {{ ref('stg_landing__worker_shifts') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

-- a tour starts many lines at once: each line's time begins where the line before it ended
sequenced as (
    select
        *,
        greatest(
            task_started_at,
            lag(occurred_at) over (
                partition by source_system, worker_id order by occurred_at, source_event_key
            )
        ) as began_at
    from events
),

timed as (
    select
        md5(concat_ws('|', source_system, source_event_key, event_type, line_id)) as task_id,
        case when event_type = 'packed' then 'pack' else 'pick' end as task,
        worker_id,
        location_id,
        order_id,
        line_id,
        1 as line_count,
        case when event_type = 'short_picked' then 0 else quantity end as unit_quantity,
        began_at as started_at,
        occurred_at as ended_at
    from sequenced
    where began_at <= occurred_at and task_started_at is not null
),

paid as (
    select
        md5(concat_ws('|', shifts.source_system, shifts.source_event_key)) as task_id,
        'shift' as task,
        shifts.worker_id,
        shifts.location_id,
        cast(null as varchar) as order_id,
        cast(null as varchar) as line_id,
        count(events.source_event_key) as line_count,
        coalesce(sum(events.quantity) filter (where events.event_type != 'short_picked'), 0)
            as unit_quantity,
        any_value(shifts.started_at) as started_at,
        any_value(shifts.ended_at) as ended_at
    from shifts
    -- left: hours without a line count too
    left join events
        on
            shifts.worker_id = events.worker_id
            and events.event_type in ('picked', 'short_picked')
            and shifts.started_at <= events.occurred_at
            and shifts.ended_at > events.occurred_at
    where shifts.task is null or shifts.task = 'pick'
    group by
        shifts.source_system, shifts.source_event_key, shifts.worker_id, shifts.location_id
),

measured as (
    select * from timed
    union all
    select * from paid
),

final as (
    select
        measured.task_id,
        measured.task,
        measured.worker_id,
        measured.location_id,
        measured.order_id,
        measured.line_id,
        cast(measured.line_count as bigint) as line_count,
        cast(measured.unit_quantity as bigint) as unit_quantity,
        {{ hours_between('measured.started_at', 'measured.ended_at') }} as labour_hours,
        measured.started_at,
        measured.ended_at,
        {{ local_date('measured.started_at', "coalesce(locations.time_zone, 'UTC')") }}
            as worked_on
    from measured
    -- left: an event may name no location
    left join locations on measured.location_id = locations.location_id
)

select * from final
