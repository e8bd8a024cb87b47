with

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
    where command_type in ('set_allocation_rule', 'retire_allocation_rule')
),

clock as (
    select * from {{ ref('clock') }}
),

versioned as (
    select
        {{ json_text('payload', 'rule_id') }} as rule_id,
        row_number() over (
            partition by {{ json_text('payload', 'rule_id') }} order by sequence
        ) as version,
        command_id,
        {{ json_text('payload', 'channel_id') }} as channel_id,
        upper({{ json_text('payload', 'sku') }}) as sku,
        cast({{ json_text('payload', 'channel_priority') }} as bigint) as channel_priority,
        cast({{ json_text('payload', 'ring_fence_quantity') }} as bigint) as ring_fence_quantity,
        cast({{ json_text('payload', 'buffer_quantity') }} as bigint) as buffer_quantity,
        cast(json_extract_string(payload, '$.location_order[*]') as varchar[]) as location_order,
        actor,
        reason,
        status,
        sequence,
        cast({{ json_text('payload', 'valid_from') }} as timestamptz)::timestamp as valid_from,
        cast({{ json_text('payload', 'valid_to') }} as timestamptz)::timestamp as valid_to
    from commands
    where command_type = 'set_allocation_rule'
),

retired as (
    select
        {{ json_text('payload', 'rule_id') }} as rule_id,
        sequence,
        cast({{ json_text('payload', 'valid_to') }} as timestamptz)::timestamp as valid_to
    from commands
    where command_type = 'retire_allocation_rule' and status = 'approved'
),

succeeded as (
    select
        *,
        lead(valid_from) over rule_history as superseded_at,
        lead(sequence) over rule_history as next_sequence
    from versioned
    where status = 'approved'
    window rule_history as (partition by rule_id order by version)
),

-- A retirement ends the version it was spoken to, not one set after it.
approved as (
    select
        succeeded.*,
        retired.valid_to as retired_at
    from succeeded
    -- left: most versions are never retired
    left join retired
        on
            succeeded.rule_id = retired.rule_id
            and succeeded.sequence < retired.sequence
            and retired.sequence < coalesce(succeeded.next_sequence, retired.sequence + 1)
    qualify
        row_number() over (
            partition by succeeded.command_id order by retired.valid_to, retired.sequence
        ) = 1
),

final as (
    select
        approved.rule_id,
        approved.version,
        approved.command_id,
        approved.channel_id,
        approved.sku,
        approved.channel_priority,
        approved.ring_fence_quantity,
        approved.buffer_quantity,
        approved.location_order,
        approved.actor,
        approved.reason,
        approved.valid_from <= clock.as_of_at
        and coalesce(
            least(approved.valid_to, approved.superseded_at, approved.retired_at)
            > clock.as_of_at,
            true
        ) as is_current,
        approved.valid_from,
        least(approved.valid_to, approved.superseded_at, approved.retired_at) as valid_to
    from approved
    cross join clock
)

select * from final
