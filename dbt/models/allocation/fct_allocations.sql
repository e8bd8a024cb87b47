with

lines as (
    select * from {{ ref('fct_allocation_lines') }}
),

supply as (
    select * from {{ ref('fct_allocation_supply') }}
),

planned as (
    select *
    from
        main.allocate(
            {{ relation_name(ref('fct_allocation_lines')) }},
            {{ relation_name(ref('fct_allocation_supply')) }},
            {{ relation_name(ref('dim_channels')) }},
            {{ relation_name(ref('int_allocation__rules')) }}
        )
),

supplied as (
    select
        sku,
        sum(quantity) as quantity
    from supply
    group by sku
),

left_over as (
    select
        supplied.sku,
        any_value(supplied.quantity) - coalesce(sum(planned.allocated_quantity), 0) as quantity
    from supplied
    -- left: stock nobody asks for
    left join planned on supplied.sku = planned.sku
    group by supplied.sku
),

final as (
    select
        planned.order_id,
        planned.line_id,
        planned.sku,
        planned.channel_id,
        planned.location_id,
        planned.rule_id,
        planned.rule_version,
        planned.allocated_quantity,
        cast(
            lines.quantity - sum(planned.allocated_quantity) over (
                partition by planned.order_id, planned.line_id
            ) as bigint
        ) as short_quantity,
        case
            when
                lines.quantity = sum(planned.allocated_quantity) over (
                    partition by planned.order_id, planned.line_id
                )
                then null
            when left_over.sku is null then 'no_stock'
            when left_over.quantity > 0 then 'withheld_by_rule'
            else 'stock_went_to_earlier_lines'
        end as shortage_reason,
        lines.placed_at,
        lines.promised_ship_by
    from planned
    inner join lines
        on planned.order_id = lines.order_id and planned.line_id = lines.line_id
    -- left: a SKU may be out of stock everywhere
    left join left_over on planned.sku = left_over.sku
)

select * from final
