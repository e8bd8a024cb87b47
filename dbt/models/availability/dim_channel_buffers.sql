with

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
    where command_type = 'set_channel_buffer' and status = 'approved'
),

versioned as (
    select
        {{ json_text('payload', 'channel_id') }} as channel_id,
        upper(coalesce({{ json_text('payload', 'sku') }}, '*')) as sku,
        cast({{ json_text('payload', 'quantity') }} as bigint) as buffer_quantity,
        command_id,
        actor,
        reason,
        sequence,
        effective_at as valid_from
    from commands
),

final as (
    select
        channel_id,
        sku,
        buffer_quantity,
        command_id,
        actor,
        reason,
        lead(sequence) over channel_sku is null as is_current,
        valid_from,
        lead(valid_from) over channel_sku as valid_to
    from versioned
    window
        channel_sku as (
            partition by channel_id, sku order by sequence
        )
)

select * from final
