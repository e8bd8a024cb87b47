with

events as (
    select
        *,
        md5(concat_ws('|', source_system, source_event_key, event_type, line_id)) as task_id
    from {{ ref('int_commitments__events_heard') }}
    where worker_id is not null and event_type in ('picked', 'short_picked', 'packed')
),

locations as (
    select * from {{ ref('dim_locations') }}
),

-- who begins and ends at the same hours of the day works the same shift
shifts as (
    select
        shifts.*,
        {{ local_clock('shifts.started_at', "coalesce(locations.time_zone, 'UTC')") }}
        || '–'
        || {{ local_clock('shifts.ended_at', "coalesce(locations.time_zone, 'UTC')") }} as shift
    from {{ ref('stg_landing__worker_shifts') }} as shifts
    -- left: nobody may have described the location
    left join locations on shifts.location_id = locations.location_id
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

worked as (
    select
        events.task_id,
        min(shifts.shift) as shift
    from events
    inner join shifts
        on
            events.worker_id = shifts.worker_id
            and events.occurred_at >= shifts.started_at
            and events.occurred_at < shifts.ended_at
    group by events.task_id
),

timed as (
    select
        sequenced.task_id,
        case when sequenced.event_type = 'packed' then 'pack' else 'pick' end as task,
        sequenced.worker_id,
        sequenced.location_id,
        worked.shift,
        sequenced.order_id,
        sequenced.line_id,
        1 as line_count,
        case when sequenced.event_type = 'short_picked' then 0 else sequenced.quantity end
            as unit_quantity,
        sequenced.began_at as started_at,
        sequenced.occurred_at as ended_at
    from sequenced
    -- left: not everybody's hours are told
    left join worked on sequenced.task_id = worked.task_id
    where
        sequenced.began_at <= sequenced.occurred_at and sequenced.task_started_at is not null
),

paid as (
    select
        md5(concat_ws('|', 'worker_shifts', shifts.source_system, shifts.source_event_key))
            as task_id,
        'shift' as task,
        shifts.worker_id,
        shifts.location_id,
        any_value(shifts.shift) as shift,
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
        measured.shift,
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
