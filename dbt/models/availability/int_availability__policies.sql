with

final as (
    select
        sku,
        channel_id,
        rule_id,
        buffer_command_id,
        rule_version,
        channel_priority,
        buffer_quantity,
        ring_fence_quantity,
        location_order
    from
        main.policies_of(
            {{ relation_name(ref('int_availability__positions')) }},
            {{ relation_name(ref('dim_channels')) }},
            {{ relation_name(ref('dim_allocation_rules')) }},
            {{ relation_name(ref('dim_channel_buffers')) }}
        )
)

select * from final
