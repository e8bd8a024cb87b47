with

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where
        order_id is not null
        and return_id is null
        and movement_type = 'shipped'
        and to_state = 'customer'
),

deliveries as (
    select * from {{ ref('int_commitments__events_heard') }}
    where event_type = 'delivered'
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
),

stepped as (
    select
        'shipped' as step,
        order_id,
        order_line_id as line_id,
        sku,
        quantity,
        occurred_at
    from booked
    union all
    select
        'delivered' as step,
        order_id,
        line_id,
        sku,
        quantity,
        occurred_at
    from deliveries
),

summed as (
    select
        step,
        order_id,
        line_id,
        sku,
        occurred_at,
        sum(quantity) as quantity
    from stepped
    group by step, order_id, line_id, sku, occurred_at
),

instants as (
    select distinct
        step,
        order_id,
        line_id,
        occurred_at
    from summed
),

whole as (
    select
        summed.step,
        summed.order_id,
        summed.line_id,
        sum(sum(summed.quantity)) over (
            partition by summed.step, summed.order_id, summed.line_id order by summed.occurred_at
        ) as reached_quantity,
        summed.occurred_at
    from summed
    anti join kit_lines
        on summed.order_id = kit_lines.order_id and summed.line_id = kit_lines.line_id
    group by summed.step, summed.order_id, summed.line_id, summed.occurred_at
),

-- as many kits as the scarcest component makes, besides those put together before
part_of_kit as (
    select
        instants.step,
        instants.order_id,
        instants.line_id,
        instants.occurred_at,
        kit_lines.component_sku,
        coalesce(
            sum(case when summed.sku = kit_lines.component_sku then summed.quantity end), 0
        ) // any_value(kit_lines.component_quantity) as made_quantity,
        coalesce(
            sum(case when summed.sku = kit_lines.kit_sku then summed.quantity end), 0
        ) as whole_quantity
    from instants
    inner join kit_lines
        on instants.order_id = kit_lines.order_id and instants.line_id = kit_lines.line_id
    inner join summed
        on
            instants.step = summed.step
            and instants.order_id = summed.order_id
            and instants.line_id = summed.line_id
            and instants.occurred_at >= summed.occurred_at
    group by
        instants.step,
        instants.order_id,
        instants.line_id,
        instants.occurred_at,
        kit_lines.component_sku
),

kitted as (
    select
        step,
        order_id,
        line_id,
        min(made_quantity) + max(whole_quantity) as reached_quantity,
        occurred_at
    from part_of_kit
    group by step, order_id, line_id, occurred_at
),

reached as (
    select * from whole
    union all
    select * from kitted
),

final as (
    select
        step,
        order_id,
        line_id,
        cast(reached_quantity as bigint) as reached_quantity,
        occurred_at as reached_at
    from reached
    where reached_quantity > 0
)

select * from final
