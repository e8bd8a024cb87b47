with

exceptions as (
    select * from {{ ref('int_control__exceptions_remembered') }}
),

weighed as (
    select * from {{ ref('int_control__exceptions_weighed') }}
),

standing as (
    select * from {{ ref('int_control__exceptions_standing') }}
),

policies as (
    select * from {{ ref('exception_policies') }}
),

clock as (
    select * from {{ ref('clock') }}
),

final as (
    select
        exceptions.exception_id,
        exceptions.exception_type,
        exceptions.severity,
        exceptions.subject,
        exceptions.sku,
        exceptions.location_id,
        standing.state,
        standing.state_reason,
        standing.state_detail,
        policies.owner_team,
        policies.owner_role,
        standing.assigned_to,
        standing.decided_by,
        standing.command_id,
        exceptions.detail,
        policies.next_step,
        exceptions.evidence,
        exceptions.claim_id,
        exceptions.quantity,
        exceptions.amount,
        weighed.at_risk_basis,
        weighed.at_risk_amount,
        weighed.loss_rate,
        weighed.expected_loss_amount,
        weighed.sla_hours,
        weighed.age_hours,
        weighed.age_term,
        weighed.waiting_quantity,
        weighed.waiting_term,
        weighed.urgency,
        weighed.priority,
        exceptions.reopened_count,
        exceptions.gone_at is null as is_present,
        standing.state != 'resolved' and coalesce(weighed.due_at < clock.as_of_at, false)
            as is_overdue,
        exceptions.first_seen_at,
        weighed.due_at,
        standing.decided_at,
        standing.snoozed_until_at,
        exceptions.opened_at,
        exceptions.last_seen_at,
        exceptions.reopened_at,
        standing.closed_at
    from exceptions
    cross join clock
    inner join weighed on exceptions.exception_id = weighed.exception_id
    inner join standing on exceptions.exception_id = standing.exception_id
    -- left: a type without a policy stays in the inbox; a data test names it
    left join policies on exceptions.exception_type = policies.exception_type
)

select * from final
