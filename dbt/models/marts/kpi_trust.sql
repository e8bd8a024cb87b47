with

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

feeds as (
    select * from {{ ref('int_marts__feeds_trusted') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

suspense as (
    select * from {{ ref('int_ledger__suspended') }}
),

moved as (
    select sum(quantity) as quantity
    from movements
),

-- what a document has been answered for waits no longer
waiting as (
    select coalesce(sum(abs(quantity)), 0) as quantity
    from suspense
),

suspended as (
    select waiting.quantity / nullif(cast(moved.quantity as double), 0) as suspense_share
    from moved
    cross join waiting
),

needed as (
    select
        metric,
        variant,
        unnest(string_split(feeds, ' ')) as feed
    from definitions
),

termed as (
    select
        needed.metric,
        needed.variant,
        cast(sum(feeds.physical_count) as bigint) as physical_count,
        sum(feeds.quarantined_count)
        / nullif(cast(sum(feeds.physical_count) as double), 0) as quarantined_share,
        sum(feeds.fresh_source_count)
        / nullif(cast(sum(feeds.source_count) as double), 0) as fresh_share,
        sum(feeds.failed_check_count)
        / nullif(cast(sum(feeds.check_count) as double), 0) as failed_check_share
    from needed
    -- left: a feed nobody delivers lends no trust
    left join feeds on needed.feed = feeds.feed
    group by needed.metric, needed.variant
),

final as (
    select
        termed.metric,
        termed.variant,
        termed.physical_count,
        termed.fresh_share,
        termed.quarantined_share,
        coalesce(suspended.suspense_share, 0) as suspense_share,
        coalesce(termed.failed_check_share, 0) as failed_check_share,
        termed.fresh_share
        * (1 - termed.quarantined_share)
        * (1 - coalesce(suspended.suspense_share, 0))
        * (1 - coalesce(termed.failed_check_share, 0)) as trust
    from termed
    cross join suspended
)

select * from final
