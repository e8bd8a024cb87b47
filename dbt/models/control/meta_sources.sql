with

sources as (
    select * from {{ source('raw', 'sources') }}
),

batches as (
    select * from {{ ref('meta_batches') }}
),

-- every reading of a file: what an earlier one brought is not brought again
readings as (
    select * from {{ source('raw', 'batches') }}
),

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

delivered as (
    select
        source_system,
        count(*) as batch_count,
        cast(sum(physical_count) as bigint) as physical_count,
        cast(sum(quarantined_count) as bigint) as quarantined_count,
        max(registered_at) as last_ingested_at
    from batches
    group by source_system
),

happened as (
    select
        batch_id,
        max(occurred_at) as last_event_at
    from reported
    group by batch_id
),

last_events as (
    select
        readings.source_system,
        max(happened.last_event_at) as last_event_at
    from readings
    inner join happened on readings.batch_id = happened.batch_id
    group by readings.source_system
),

final as (
    select
        sources.source_system,
        sources.owner,
        sources.timezone as time_zone,
        sources.cadence_minutes,
        sources.fallback,
        sources.rank,
        sources.feeds,
        sources.is_builtin,
        coalesce(delivered.batch_count, 0) as batch_count,
        coalesce(delivered.physical_count, 0) as physical_count,
        coalesce(delivered.quarantined_count, 0) as quarantined_count,
        delivered.last_ingested_at,
        last_events.last_event_at
    from sources
    -- left: a connected source may not have delivered yet
    left join delivered on sources.source_system = delivered.source_system
    left join last_events on sources.source_system = last_events.source_system
)

select * from final
