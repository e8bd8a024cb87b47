with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
    where not is_stocked
),

cancellations as (
    select * from {{ ref('fct_commitments') }}
    where commitment_type = 'cancelled'
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
    where state = 'available' and (order_id is null or return_id is not null)
),

wanted as (
    select
        lines.order_id,
        lines.line_id,
        coalesce(kit_lines.component_sku, lines.sku) as sku,
        lines.location_id,
        coalesce(kit_lines.component_quantity, 1) as per_line_unit_quantity,
        lines.ordered_quantity,
        lines.placed_at
    from lines
    -- left: most lines are for the SKU itself
    left join kit_lines
        on lines.order_id = kit_lines.order_id and lines.line_id = kit_lines.line_id
),

-- What can be promised changes with stock that comes and goes for any reason but an order, and with
-- demand accepted and cancelled; what an order takes out was accepted before.
changes as (
    select
        sku,
        location_id,
        quantity,
        cast(null as varchar) as order_id,
        cast(null as varchar) as line_id,
        cast(null as bigint) as per_line_unit_quantity,
        occurred_at as changed_at
    from entries
    union all
    select
        wanted.sku,
        wanted.location_id,
        cancellations.quantity * wanted.per_line_unit_quantity as quantity,
        cast(null as varchar) as order_id,
        cast(null as varchar) as line_id,
        cast(null as bigint) as per_line_unit_quantity,
        cancellations.occurred_at as changed_at
    from cancellations
    inner join wanted
        on
            cancellations.order_id = wanted.order_id
            and cancellations.line_id = wanted.line_id
    union all
    select
        sku,
        location_id,
        -ordered_quantity * per_line_unit_quantity as quantity,
        order_id,
        line_id,
        per_line_unit_quantity,
        placed_at as changed_at
    from wanted
),

summed as (
    select
        *,
        sum(quantity) over (
            partition by sku
            order by changed_at, order_id nulls first, line_id
            rows between unbounded preceding and current row
        ) - quantity as network_quantity,
        sum(quantity) over (
            partition by sku, location_id
            order by changed_at, order_id nulls first, line_id
            rows between unbounded preceding and current row
        ) - quantity as location_quantity
    from changes
),

-- a kit can be promised as often as its scarcest component allows
final as (
    select
        order_id,
        line_id,
        cast(min(floor(network_quantity / per_line_unit_quantity)) as bigint)
            as network_quantity,
        cast(
            min(
                floor(
                    case when location_id is null then network_quantity else location_quantity end
                    / per_line_unit_quantity
                )
            ) as bigint
        ) as location_quantity
    from summed
    where order_id is not null
    group by order_id, line_id
)

select * from final
