with

batches as (
    select * from {{ source('raw', 'batches') }}
    -- a retried file counts once: as its newest attempt
    where superseded_by is null
),

derived as (
    select * from {{ ref('quarantined_rows') }}
),

late_records as (
    select
        batch_id,
        row_number,
        bool_and(is_from_earlier_reading) as is_from_earlier_reading
    from derived
    group by batch_id, row_number
),

late_quarantine as (
    select
        batch_id,
        count(*) as quarantined_count,
        count(*) filter (where is_from_earlier_reading) as earlier_count
    from late_records
    group by batch_id
),

-- what an earlier reading of the file had loaded, its newest counted as there already
judged as (
    select
        batches.*,
        coalesce(late_quarantine.quarantined_count, 0) as late_count,
        least(batches.duplicate_count, coalesce(late_quarantine.earlier_count, 0))
            as late_duplicate_count
    from batches
    -- left: most batches have nothing judged late
    left join late_quarantine on batches.batch_id = late_quarantine.batch_id
),

final as (
    select
        batch_id,
        source_system,
        file_name,
        content_hash,
        feeds,
        added_columns,
        byte_count,
        physical_count,
        loaded_count - (late_count - late_duplicate_count) as loaded_count,
        duplicate_count - late_duplicate_count as duplicate_count,
        quarantined_count + late_count as quarantined_count,
        registered_at,
        loaded_at
    from judged
)

select * from final
