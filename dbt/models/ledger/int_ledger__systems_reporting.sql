with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
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

final as (
    select
        reporting.event_name,
        reporting.location_id,
        reporting.source_system,
        row_number() over (
            partition by reporting.event_name, reporting.location_id
            order by sources.rank nulls last, reporting.source_system
        ) as preference,
        count(*) over (partition by reporting.event_name, reporting.location_id) as system_count
    from reporting
    -- left: a system inside a file need not be a connected source
    left join sources on reporting.source_system = sources.source_system
)

select * from final
