with

judged as (
    select * from {{ ref('base_landing__commands') }}
),

final as (
    select
        command_id,
        sequence,
        command_type,
        payload,
        actor,
        role,
        reason,
        previous_hash,
        hash,
        needs_approval,
        batch_id,
        row_number,
        submitted_at,
        recorded_at,
        ingested_at
    from judged
    where quarantine_rule is null
)

select * from final
