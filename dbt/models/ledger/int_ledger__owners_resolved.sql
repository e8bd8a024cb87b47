with

reporting as (
    select * from {{ ref('int_ledger__systems_reporting') }}
),

declarations as (
    select * from {{ ref('stg_landing__system_of_record') }}
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

final as (
    select
        reporting.event_name,
        reporting.location_id,
        coalesce(declared.source_system, reporting.source_system) as owner_system,
        declared.source_system is not null as is_declared
    from reporting
    -- left: no one may have declared an owner
    left join declared
        on
            reporting.event_name = declared.event_name
            and reporting.location_id = declared.location_id
    where reporting.preference = 1
)

select * from final
