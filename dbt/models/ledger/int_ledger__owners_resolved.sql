with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

fulfilment_events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
),

declarations as (
    select * from {{ ref('stg_landing__system_of_record') }}
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

declared as (
    select
        reporting.event_name,
        reporting.location_id,
        declarations.source_system
    from reporting
    inner join declarations
        on
            declarations.event_pattern in (
                reporting.event_name,
                reporting.step_name,
                split_part(reporting.event_name, '.', 1) || '.*',
                '*'
            )
            and declarations.location_id in (reporting.location_id, '*')
    -- an operator's command is its own system of record
    where reporting.source_system != 'truestock'
    qualify
        row_number() over (
            partition by reporting.event_name, reporting.location_id
            order by
                declarations.location_id = '*',
                declarations.event_pattern = '*',
                declarations.event_pattern like '%.*',
                declarations.event_pattern != reporting.event_name,
                declarations.source_system
        ) = 1
),

candidates as (
    select distinct
        reporting.event_name,
        reporting.location_id,
        tellers.source_system,
        tellers.event_name = reporting.step_name as tells_step
    from reporting
    inner join reporting as tellers
        on
            reporting.location_id = tellers.location_id
            and tellers.event_name in (reporting.event_name, reporting.step_name)
),

undeclared as (
    select
        candidates.event_name,
        candidates.location_id,
        candidates.source_system
    from candidates
    -- left: a system inside a file need not be a connected source
    left join sources on candidates.source_system = sources.source_system
    qualify
        row_number() over (
            partition by candidates.event_name, candidates.location_id
            order by
                not candidates.tells_step, sources.rank nulls last, candidates.source_system
        ) = 1
),

final as (
    select
        undeclared.event_name,
        undeclared.location_id,
        coalesce(declared.source_system, undeclared.source_system) as owner_system,
        declared.source_system is not null as is_declared
    from undeclared
    -- left: no one may have declared an owner
    left join declared
        on
            undeclared.event_name = declared.event_name
            and undeclared.location_id = declared.location_id
)

select * from final
