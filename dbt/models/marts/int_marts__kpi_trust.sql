with

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

batches as (
    select * from {{ source('raw', 'batches') }}
    -- a retried file counts once: as its newest attempt
    where superseded_by is null
),

quarantined as (
    select * from {{ ref('quarantined_rows') }}
),

late_quarantine as (
    select
        batch_id,
        count(distinct row_number) as quarantined_count
    from quarantined
    group by batch_id
),

per_feed as (
    select
        trim(unnest(string_split(batches.feeds, ','))) as feed,
        batches.physical_count,
        batches.quarantined_count + coalesce(late_quarantine.quarantined_count, 0)
            as quarantined_count
    from batches
    -- left: most batches have nothing judged late
    left join late_quarantine on batches.batch_id = late_quarantine.batch_id
),

needed as (
    select
        metric,
        variant,
        unnest(string_split(feeds, ' ')) as feed
    from definitions
),

-- The share of the metric's own source rows that were fit to load.
final as (
    select
        needed.metric,
        needed.variant,
        1 - sum(per_feed.quarantined_count)
        / nullif(cast(sum(per_feed.physical_count) as double), 0) as trust
    from needed
    -- left: a feed nobody delivers lends no trust
    left join per_feed on needed.feed = per_feed.feed
    group by needed.metric, needed.variant
)

select * from final
