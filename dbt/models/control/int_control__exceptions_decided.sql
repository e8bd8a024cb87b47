with

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
    where
        command_type in ('assign_exception', 'snooze_exception', 'resolve_exception')
        and status = 'approved'
),

decisions as (
    select
        {{ json_text('payload', 'exception_id') }} as exception_id,
        command_id,
        command_type,
        {{ json_text('payload', 'assignee') }} as assignee,
        {{ json_text('payload', 'resolution') }} as resolution,
        cast(
            cast({{ json_text('payload', 'until') }} as timestamp with time zone) as timestamp
        ) as snoozed_until_at,
        actor,
        reason,
        sequence,
        effective_at
    from commands
),

assignments as (
    select
        exception_id,
        assignee,
        effective_at
    from decisions
    where command_type = 'assign_exception'
    qualify
        row_number() over (
            partition by exception_id order by effective_at desc, sequence desc
        ) = 1
),

latest as (
    select *
    from decisions
    qualify
        row_number() over (
            partition by exception_id order by effective_at desc, sequence desc
        ) = 1
),

final as (
    select
        latest.exception_id,
        latest.command_id,
        latest.command_type as decision,
        latest.resolution,
        assignments.assignee,
        latest.actor as decided_by,
        latest.reason,
        latest.effective_at as decided_at,
        assignments.effective_at as assigned_at,
        latest.snoozed_until_at
    from latest
    -- left: most are snoozed or resolved by whoever looks first
    left join assignments on latest.exception_id = assignments.exception_id
)

select * from final
