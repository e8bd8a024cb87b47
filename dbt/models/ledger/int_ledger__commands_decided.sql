with

commands as (
    select * from {{ ref('stg_landing__commands') }}
),

decisions as (
    select
        {{ json_text('payload', 'command_id') }} as command_id,
        command_type as decision,
        actor as decided_by,
        submitted_at as decided_at
    from commands
    where command_type in ('approve', 'reject')
    qualify
        row_number() over (
            partition by {{ json_text('payload', 'command_id') }} order by sequence
        ) = 1
),

final as (
    select
        commands.command_id,
        commands.sequence,
        commands.command_type,
        commands.payload,
        commands.actor,
        commands.role,
        commands.reason,
        case
            when decisions.decision = 'reject' then 'rejected'
            when decisions.decision = 'approve' or not commands.needs_approval then 'approved'
            else 'pending'
        end as status,
        decisions.decided_by,
        commands.hash,
        commands.batch_id,
        commands.row_number,
        commands.needs_approval,
        commands.submitted_at,
        decisions.decided_at,
        coalesce(decisions.decided_at, commands.submitted_at) as effective_at,
        commands.ingested_at
    from commands
    -- left: most commands need no decision, or still wait for one
    left join decisions on commands.command_id = decisions.command_id
)

select * from final
