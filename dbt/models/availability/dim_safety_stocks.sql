with

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
    where command_type = 'set_safety_stock'
),

clock as (
    select * from {{ ref('clock') }}
),

versioned as (
    select
        upper({{ json_text('payload', 'sku') }}) as sku,
        coalesce({{ json_text('payload', 'location_id') }}, '*') as location_id,
        cast({{ json_text('payload', 'quantity') }} as bigint) as safety_stock_quantity,
        command_id,
        actor,
        reason,
        sequence,
        effective_at as valid_from
    from commands
    where status = 'approved'
),

final as (
    select
        versioned.sku,
        versioned.location_id,
        versioned.safety_stock_quantity,
        versioned.command_id,
        versioned.actor,
        versioned.reason,
        lead(versioned.sequence) over sku_place is null
        and versioned.valid_from <= clock.as_of_at as is_current,
        versioned.valid_from,
        lead(versioned.valid_from) over sku_place as valid_to
    from versioned
    cross join clock
    window
        sku_place as (
            partition by versioned.sku, versioned.location_id order by versioned.sequence
        )
)

select * from final
