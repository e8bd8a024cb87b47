-- Every reading of a file: what a row says of its origin stays true though the file was read again.
with

batches as (
    select * from {{ source('raw', 'batches') }}
),

final as (
    select
        batch_id,
        source_system,
        file_name,
        superseded_by is null as is_newest,
        registered_at
    from batches
)

select * from final
