with

rules as (
    select * from {{ ref('dim_allocation_rules') }}
    where is_current
),

channels as (
    select * from {{ ref('stg_landing__channels') }}
),

balances as (
    select * from {{ ref('fct_stock_balances') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

skus as (
    select sku from balances
    union
    select sku from order_lines
    where open_quantity > 0
),

-- the most specific rule speaks: its own channel before any, its own SKU before any
final as (
    select
        skus.sku,
        channels.channel_id,
        rules.rule_id,
        coalesce(rules.buffer_quantity, 0) as buffer_quantity,
        coalesce(rules.ring_fence_quantity, 0) as ring_fence_quantity
    from skus
    cross join channels
    -- left: a channel without a rule holds nothing back
    left join rules
        on
            rules.channel_id in (channels.channel_id, '*')
            and rules.sku in (skus.sku, '*')
    qualify
        row_number() over (
            partition by skus.sku, channels.channel_id
            order by rules.channel_id = '*', rules.sku = '*', rules.rule_id
        ) = 1
)

select * from final
