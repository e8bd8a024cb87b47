with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

final as (
    select
        sku,
        requested_location_id as location_id,
        cast(sum(case when hold_reason is null then waiting_quantity else 0 end) as bigint)
            as open_demand_quantity,
        cast(sum(case when hold_reason is not null then open_quantity else 0 end) as bigint)
            as held_demand_quantity
    from order_lines
    where open_quantity > 0
    group by sku, requested_location_id
)

select * from final
