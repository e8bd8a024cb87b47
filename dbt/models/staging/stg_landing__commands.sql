with

latest as (
    {{ latest_revision('commands', ['command_id']) | indent(4) }}
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
    from latest
)

select * from final
