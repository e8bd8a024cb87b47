with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

fulfilment_events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
),

sources as (
    select * from {{ source('raw', 'sources') }}
),

reporting as (
    select
        event_name,
        event_name as step_name,
        location_id,
        source_system
    from reported
    group by event_name, location_id, source_system
    union all
    -- events that move nothing: who owns the picks of a place owns what went wrong with them
    select
        'fulfilment_events.' || event_type as event_name,
        'fulfilment_events.' || case event_type
            when 'short_picked' then 'picked'
            when 'pack_verified' then 'packed'
            else event_type
        end as step_name,
        coalesce(location_id, 'unknown') as location_id,
        source_system
    from fulfilment_events
    where event_type in ('short_picked', 'pack_verified', 'delivered', 'delivery_failed')
    group by event_type, coalesce(location_id, 'unknown'), source_system
),

candidates as (
    select
        reporting.event_name,
        reporting.step_name,
        reporting.location_id,
        tellers.source_system,
        bool_or(tellers.event_name = reporting.step_name) as tells_step
    from reporting
    inner join reporting as tellers
        on
            reporting.location_id = tellers.location_id
            and tellers.event_name in (reporting.event_name, reporting.step_name)
    group by
        reporting.event_name, reporting.step_name, reporting.location_id, tellers.source_system
),

final as (
    select
        candidates.event_name,
        candidates.step_name,
        candidates.location_id,
        candidates.source_system,
        row_number() over (
            partition by candidates.event_name, candidates.location_id
            order by
                not candidates.tells_step, sources.rank nulls last, candidates.source_system
        ) as preference,
        count(*) over (
            partition by candidates.event_name, candidates.location_id
        ) as system_count
    from candidates
    -- left: a system inside a file need not be a connected source
    left join sources on candidates.source_system = sources.source_system
)

select * from final
