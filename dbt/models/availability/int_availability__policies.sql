with

rules as (
    select * from {{ ref('dim_allocation_rules') }}
    where is_current
),

channels as (
    select * from {{ ref('stg_landing__channels') }}
),

positions as (
    select * from {{ ref('int_availability__positions') }}
    where location_id = '*'
),

buffers as (
    select * from {{ ref('dim_channel_buffers') }}
    where is_current
),

-- the most specific rule speaks: its own channel before any, its own SKU before any
ruled as (
    select
        positions.sku,
        channels.channel_id,
        rules.rule_id,
        coalesce(rules.buffer_quantity, 0) as buffer_quantity,
        coalesce(rules.ring_fence_quantity, 0) as ring_fence_quantity
    from positions
    cross join channels
    -- left: a channel without a rule holds nothing back
    left join rules
        on
            rules.channel_id in (channels.channel_id, '*')
            and rules.sku in (positions.sku, '*')
    qualify
        row_number() over (
            partition by positions.sku, channels.channel_id
            order by rules.channel_id = '*', rules.sku = '*', rules.rule_id
        ) = 1
),

-- a buffer set for a channel overrules its rule's
final as (
    select
        ruled.sku,
        ruled.channel_id,
        ruled.rule_id,
        buffers.command_id as buffer_command_id,
        coalesce(buffers.buffer_quantity, ruled.buffer_quantity) as buffer_quantity,
        ruled.ring_fence_quantity
    from ruled
    -- left: most channels have no buffer of their own
    left join buffers
        on
            ruled.channel_id = buffers.channel_id
            and buffers.sku in (ruled.sku, '*')
    qualify
        row_number() over (
            partition by ruled.sku, ruled.channel_id order by buffers.sku = '*'
        ) = 1
)

select * from final
