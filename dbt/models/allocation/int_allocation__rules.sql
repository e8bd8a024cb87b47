with

rules as (
    select * from {{ ref('dim_allocation_rules') }}
),

final as (
    select
        rule_id,
        version,
        channel_id,
        sku,
        channel_priority,
        ring_fence_quantity,
        buffer_quantity,
        location_order
    from rules
    where is_current
)

select * from final
