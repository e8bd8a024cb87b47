with

batches as (
    select * from {{ source('raw', 'batches') }}
    -- a retried file counts once: as its newest attempt
    where superseded_by is null
),

derived as (
    select * from {{ ref('quarantined_rows') }}
),

late_quarantine as (
    select
        batch_id,
        count(distinct row_number) as quarantined_count
    from derived
    group by batch_id
),

final as (
    select
        batches.batch_id,
        batches.source_system,
        batches.file_name,
        batches.content_hash,
        batches.feeds,
        batches.added_columns,
        batches.byte_count,
        batches.physical_count,
        batches.loaded_count - coalesce(late_quarantine.quarantined_count, 0) as loaded_count,
        batches.duplicate_count,
        batches.quarantined_count + coalesce(late_quarantine.quarantined_count, 0)
            as quarantined_count,
        batches.registered_at,
        batches.loaded_at
    from batches
    -- left: most batches have nothing judged late
    left join late_quarantine on batches.batch_id = late_quarantine.batch_id
)

select * from final
