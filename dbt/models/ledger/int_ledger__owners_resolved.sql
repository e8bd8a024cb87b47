with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
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
        location_id,
        source_system
    from reported
    group by event_name, location_id, source_system
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
                reporting.event_name, split_part(reporting.event_name, '.', 1) || '.*', '*'
            )
            and declarations.location_id in (reporting.location_id, '*')
    -- an operator's command is its own system of record
    where reporting.source_system != 'truestock'
    qualify
        row_number() over (
            partition by reporting.event_name, reporting.location_id
            order by
                declarations.location_id = '*',
                length(declarations.event_pattern) desc,
                declarations.source_system
        ) = 1
),

undeclared as (
    select
        reporting.event_name,
        reporting.location_id,
        reporting.source_system
    from reporting
    -- left: a system inside a file need not be a connected source
    left join sources on reporting.source_system = sources.source_system
    qualify
        row_number() over (
            partition by reporting.event_name, reporting.location_id
            order by sources.rank nulls last, reporting.source_system
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
