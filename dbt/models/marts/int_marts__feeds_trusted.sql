with

batches as (
    select * from {{ source('raw', 'batches') }}
    -- a retried file counts once: as its newest attempt
    where superseded_by is null
),

sources as (
    select * from {{ source('raw', 'sources') }}
),

quarantined as (
    select * from {{ ref('quarantined_rows') }}
),

checks as (
    {{ checks_so_far() | indent(4) }}
),

clock as (
    select * from {{ ref('clock') }}
),

late_quarantine as (
    select
        batch_id,
        count(distinct row_number) as quarantined_count
    from quarantined
    group by batch_id
),

delivered as (
    select
        batches.source_system,
        trim(unnest(string_split(batches.feeds, ','))) as feed,
        batches.physical_count,
        batches.quarantined_count + coalesce(late_quarantine.quarantined_count, 0)
            as quarantined_count
    from batches
    -- left: most batches have nothing judged late
    left join late_quarantine on batches.batch_id = late_quarantine.batch_id
),

-- a source may be late by one delivery; one without a cadence is never stale
freshness as (
    select
        batches.source_system,
        coalesce(
            max(batches.registered_at) + any_value(sources.cadence_minutes) * interval 2 minute
            >= any_value(clock.as_of_at), true
        ) as is_fresh
    from batches
    cross join clock
    -- left: a source may be disconnected by now
    left join sources on batches.source_system = sources.source_system
    group by batches.source_system
),

per_source as (
    select
        delivered.feed,
        delivered.source_system,
        any_value(freshness.is_fresh) as is_fresh,
        sum(delivered.physical_count) as physical_count,
        sum(delivered.quarantined_count) as quarantined_count
    from delivered
    inner join freshness on delivered.source_system = freshness.source_system
    group by delivered.feed, delivered.source_system
),

per_check as (
    select
        replace(suite, 'landing_', '') as feed,
        count(*) as check_count,
        count(*) filter (where not passed) as failed_check_count
    from checks
    where suite like 'landing_%'
    group by feed
),

final as (
    select
        per_source.feed,
        count(*) as source_count,
        count(*) filter (where per_source.is_fresh) as fresh_source_count,
        cast(sum(per_source.physical_count) as bigint) as physical_count,
        cast(sum(per_source.quarantined_count) as bigint) as quarantined_count,
        coalesce(any_value(per_check.check_count), 0) as check_count,
        coalesce(any_value(per_check.failed_check_count), 0) as failed_check_count
    from per_source
    -- left: a feed may not be judged yet
    left join per_check on per_source.feed = per_check.feed
    group by per_source.feed
)

select * from final
