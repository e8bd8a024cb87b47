{#- The allocation engine, once: a DuckDB table macro that the pipeline runs on the rules in force
    and the tower runs on a draft. Demand of one step overlaps the supply left by the steps before;
    a line gets what its span of cumulative demand shares with the spans of cumulative supply.

    lines     order_id, line_id, sku (a kit's line has one row a component), channel_id,
              requested_location_id, quantity,
              promised_ship_by, placed_at
    supply    sku, location_id, quantity (free eaches)
    channels  channel_id, channel_priority (of a channel no rule speaks of)
    rules     rule_id, version, channel_id and sku ('*' is any), channel_priority,
              ring_fence_quantity, buffer_quantity, location_order (list)

    Returns one row per line and location that serves it: order_id, line_id, sku, location_id,
    allocated_quantity. A buffer is left untouched at each location; a ring-fence is withheld from
    every channel served before the channel that owns it. -#}
{% macro create_allocate() -%}
create or replace macro main.allocate(lines, supply, channels, rules) as table (
    with recursive

    policies as (
        select
            skus.sku,
            channels.channel_id,
            rules.rule_id,
            rules.version,
            coalesce(rules.channel_priority, channels.channel_priority) as priority,
            coalesce(rules.buffer_quantity, 0) as buffer_quantity,
            coalesce(rules.ring_fence_quantity, 0) as ring_fence_quantity,
            coalesce(rules.location_order, []) as location_order
        from (select distinct sku from query_table(lines)) as skus
        cross join query_table(channels) as channels
        left join query_table(rules) as rules
            on
                rules.channel_id in (channels.channel_id, '*')
                and rules.sku in (skus.sku, '*')
        qualify
            row_number() over (
                partition by skus.sku, channels.channel_id
                order by rules.channel_id = '*', rules.sku = '*', rules.rule_id
            ) = 1
    ),

    fenced as (
        select
            *,
            coalesce(
                sum(ring_fence_quantity) over (
                    partition by sku
                    order by priority, channel_id
                    rows between 1 following and unbounded following
                ),
                0
            ) as withheld_quantity
        from policies
    ),

    demand as (
        select
            lines.order_id,
            lines.line_id,
            lines.sku,
            lines.requested_location_id,
            lines.quantity,
            fenced.buffer_quantity,
            fenced.withheld_quantity,
            fenced.location_order,
            dense_rank() over (
                order by fenced.priority, lines.channel_id, lines.requested_location_id nulls last
            ) as step,
            sum(lines.quantity) over (
                partition by
                    lines.sku, fenced.priority, lines.channel_id, lines.requested_location_id
                order by
                    lines.promised_ship_by nulls last, lines.placed_at, lines.order_id,
                    lines.line_id
                rows between unbounded preceding and current row
            ) as demand_end
        from query_table(lines) as lines
        inner join fenced on lines.sku = fenced.sku and lines.channel_id = fenced.channel_id
        where lines.quantity > 0
    ),

    reach as (
        select distinct
            demand.step,
            demand.sku,
            supply.location_id,
            demand.buffer_quantity,
            demand.withheld_quantity,
            coalesce(list_position(demand.location_order, supply.location_id), 1000000)
                as location_rank
        from demand
        inner join query_table(supply) as supply on demand.sku = supply.sku
        where
            supply.quantity > 0
            and coalesce(demand.requested_location_id, supply.location_id) = supply.location_id
    ),

    rounds as (
        select
            0::bigint as step,
            null::varchar as order_id,
            null::varchar as line_id,
            sku,
            location_id,
            quantity::bigint as quantity
        from query_table(supply)
        where quantity > 0
        union all
        (
            with

            left_over as (
                select
                    step + 1 as step,
                    sku,
                    location_id,
                    quantity
                from rounds
                where order_id is null and step < (select max(demand.step) from demand)
            ),

            network as (
                select
                    demand.step,
                    demand.sku,
                    sum(greatest(0, left_over.quantity - demand.buffer_quantity)) as quantity
                from left_over
                inner join (select distinct step, sku, buffer_quantity from demand) as demand
                    on left_over.step = demand.step and left_over.sku = demand.sku
                group by demand.step, demand.sku
            ),

            usable as (
                select
                    left_over.step,
                    left_over.sku,
                    left_over.location_id,
                    greatest(0, left_over.quantity - reach.buffer_quantity) as usable_quantity,
                    sum(greatest(0, left_over.quantity - reach.buffer_quantity)) over (
                        partition by left_over.sku
                        order by reach.location_rank, left_over.quantity desc, left_over.location_id
                        rows between unbounded preceding and current row
                    ) as supply_end,
                    network.quantity - reach.withheld_quantity as usable_end
                from left_over
                inner join reach
                    on
                        left_over.step = reach.step
                        and left_over.sku = reach.sku
                        and left_over.location_id = reach.location_id
                inner join network
                    on left_over.step = network.step and left_over.sku = network.sku
            ),

            taken as (
                select
                    demand.step,
                    demand.order_id,
                    demand.line_id,
                    usable.sku,
                    usable.location_id,
                    cast(
                        least(demand.demand_end, usable.supply_end, usable.usable_end)
                        - greatest(
                            demand.demand_end - demand.quantity,
                            usable.supply_end - usable.usable_quantity
                        ) as bigint
                    ) as quantity
                from demand
                inner join usable
                    on
                        demand.step = usable.step
                        and demand.sku = usable.sku
                        and demand.demand_end - demand.quantity < usable.supply_end
                        and demand.demand_end - demand.quantity < usable.usable_end
                        and usable.supply_end - usable.usable_quantity < demand.demand_end
                        and usable.supply_end - usable.usable_quantity < usable.usable_end
                where usable.usable_quantity > 0
            )

            select
                left_over.step,
                null::varchar as order_id,
                null::varchar as line_id,
                left_over.sku,
                left_over.location_id,
                cast(left_over.quantity - coalesce(sum(taken.quantity), 0) as bigint) as quantity
            from left_over
            left join taken
                on left_over.sku = taken.sku and left_over.location_id = taken.location_id
            group by left_over.step, left_over.sku, left_over.location_id, left_over.quantity
            union all
            select
                step,
                order_id,
                line_id,
                sku,
                location_id,
                quantity
            from taken
        )
    ),

    served as (
        select
            order_id,
            line_id,
            sku,
            location_id,
            cast(sum(quantity) as bigint) as allocated_quantity
        from rounds
        where order_id is not null
        group by order_id, line_id, sku, location_id
    )

    select
        lines.order_id,
        lines.line_id,
        lines.sku,
        lines.channel_id,
        served.location_id,
        coalesce(served.allocated_quantity, 0) as allocated_quantity,
        fenced.rule_id,
        fenced.version as rule_version
    from query_table(lines) as lines
    inner join fenced on lines.sku = fenced.sku and lines.channel_id = fenced.channel_id
    left join served
        on
            lines.order_id = served.order_id
            and lines.line_id = served.line_id
            and lines.sku = served.sku
)
{%- endmacro %}

{#- As query_table takes it; what a unit test gives has no schema. -#}
{% macro relation_name(model) -%}
'{{ model.schema ~ '.' if model.schema }}{{ model.identifier }}'
{%- endmacro %}
