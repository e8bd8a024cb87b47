with

judged as (
    select * from {{ ref('base_landing__postings') }}
),

final as (
    select
        posting_id,
        reference_type,
        reference_id,
        sku,
        account,
        quantity,
        amount,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        posted_at,
        recorded_at,
        ingested_at
    from judged
    where quarantine_rule is null
)

select * from final
