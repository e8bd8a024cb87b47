with

exceptions as (
    select * from {{ ref('int_control__exceptions_remembered') }}
),

decided as (
    select * from {{ ref('int_control__exceptions_decided') }}
),

policies as (
    select * from {{ ref('exception_policies') }}
),

clock as (
    select * from {{ ref('clock') }}
),

-- a decision is about the problem it saw, not about one that began or came back after it
seen as (
    select
        exception_id,
        exception_type,
        gone_at,
        reopened_at,
        greatest(
            coalesce(first_seen_at, timestamp '1970-01-01'),
            coalesce(reopened_at, timestamp '1970-01-01')
        ) as since_at
    from exceptions
),

matched as (
    select
        seen.exception_id,
        seen.gone_at,
        seen.reopened_at,
        policies.gone_means,
        policies.grace_hours,
        decided.command_id,
        decided.decision,
        decided.resolution,
        decided.decided_by,
        decided.reason,
        case when decided.assigned_at >= seen.since_at then decided.assignee end as assigned_to,
        decided.decided_at,
        decided.snoozed_until_at,
        decided.decided_at + policies.grace_hours * interval 1 hour as grace_until_at,
        clock.as_of_at
    from seen
    cross join clock
    -- left: a type without a policy stays in the inbox; a data test names it
    left join policies on seen.exception_type = policies.exception_type
    -- left: most problems wait for somebody's first decision
    left join decided
        on seen.exception_id = decided.exception_id and seen.since_at <= decided.decided_at
),

judged as (
    select
        *,
        case
            when gone_at is not null then 'resolved'
            when resolution = 'fixed' and grace_until_at > as_of_at then 'resolved'
            when resolution in ('accepted', 'not_a_problem') then 'resolved'
            when snoozed_until_at > as_of_at then 'snoozed'
            when assigned_to is not null then 'assigned'
            else 'open'
        end as state,
        gone_at is null and resolution = 'fixed' and grace_until_at <= as_of_at as is_still_there
    from matched
),

final as (
    select
        exception_id,
        state,
        case
            when state = 'resolved' then coalesce(resolution, 'cause_gone')
            when is_still_there then 'still_there'
            when state = 'snoozed' then 'snoozed'
            when reopened_at is not null then 'came_back'
        end as state_reason,
        nullif(
            concat_ws(
                ' · ',
                case
                    when is_still_there
                        then
                            decided_by || ' resolved it as fixed on ' || cast(decided_at as date)
                            || '; ' || grace_hours || ' hours later it is still there.'
                    when decision = 'resolve_exception'
                        then
                            'Resolved as ' || replace(resolution, '_', ' ') || ' by ' || decided_by
                            || ': ' || reason
                    when state = 'snoozed'
                        then
                            'Snoozed by ' || decided_by || ' until '
                            || left(cast(snoozed_until_at as varchar), 16) || ' UTC: ' || reason
                    when decision = 'assign_exception' and assigned_to is null
                        then 'Given back to its team by ' || decided_by || ': ' || reason
                    when decision = 'assign_exception'
                        then 'Assigned to ' || assigned_to || ' by ' || decided_by || ': ' || reason
                    when gone_at is null and reopened_at is not null
                        then 'It had closed and came back on ' || cast(reopened_at as date) || '.'
                end,
                case when gone_at is not null then 'Its cause is gone: ' || gone_means end
            ), ''
        ) as state_detail,
        assigned_to,
        decided_by,
        command_id,
        decided_at,
        snoozed_until_at,
        case
            when state = 'resolved' and resolution is not null
                then least(decided_at, coalesce(gone_at, decided_at))
            when state = 'resolved' then gone_at
        end as closed_at
    from judged
)

select * from final
