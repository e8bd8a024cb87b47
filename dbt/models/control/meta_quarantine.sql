with

landing as (
    select * from {{ source('raw', 'quarantine') }}
    -- a retried file counts once: as its newest attempt
    where superseded_by is null
),

derived as (
    select * from {{ ref('quarantined_rows') }}
),

batches as (
    select * from {{ source('raw', 'batches') }}
),

final as (
    select
        batch_id,
        row_number,
        source_system,
        file_name,
        feed,
        rule,
        reason,
        record,
        'landing' as found_at,
        quarantined_at
    from landing
    union all
    select
        derived.batch_id,
        derived.row_number,
        batches.source_system,
        batches.file_name,
        derived.feed,
        derived.quarantine_rule as rule,
        derived.reason,
        concat_ws(' ', derived.source_system, derived.source_event_key, derived.sku) as record,
        'staging' as found_at,
        derived.ingested_at as quarantined_at
    from derived
    inner join batches on derived.batch_id = batches.batch_id
)

select * from final
