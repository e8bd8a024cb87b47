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
            {{ relation_name(ref('int_availability__policies')) }},
            {{ relation_name(ref('dim_safety_stocks')) }}
        )
),

given as (
    select
        sku,
        location_id,
        sum(allocated_quantity) as quantity
    from planned
    where location_id is not null
    group by sku, location_id
),

-- what the plan gives away where a line may be served from: one location, or any (null)
reached as (
    select
        supply.sku,
        supply.location_id,
        sum(coalesce(given.quantity, 0)) as given_quantity
    from supply
    -- left: stock nobody was given
    left join given on supply.sku = given.sku and supply.location_id = given.location_id
    group by grouping sets ((supply.sku), (supply.sku, supply.location_id))
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
                partition by planned.order_id, planned.line_id, planned.sku
            ) as bigint
        ) as short_quantity,
        case
            when
                lines.quantity = sum(planned.allocated_quantity) over (
                    partition by planned.order_id, planned.line_id, planned.sku
                )
                then null
            when reached.sku is null then 'no_stock'
            when planned.is_kit_incomplete then 'kit_incomplete'
            when len(list_filter(planned.withheld_by, lambda each: each like 'rule %')) > 0
                then 'withheld_by_rule'
            when len(planned.withheld_by) > 0 then 'held_back'
            when
                reached.given_quantity > sum(planned.allocated_quantity) over (
                    partition by planned.order_id, planned.line_id, planned.sku
                )
                then 'stock_went_to_earlier_lines'
            else 'not_enough_stock'
        end as shortage_reason,
        planned.withheld_by,
        lines.placed_at,
        lines.promised_ship_by
    from planned
    inner join lines
        on
            planned.order_id = lines.order_id
            and planned.line_id = lines.line_id
            and planned.sku = lines.sku
    -- left: there may be no stock where the line may be served from
    left join reached
        on
            planned.sku = reached.sku
            and lines.requested_location_id is not distinct from reached.location_id
)

select * from final
