with

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
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
        status,
        decided_by,
        hash,
        needs_approval,
        submitted_at,
        decided_at,
        ingested_at
    from commands
)

select * from final
