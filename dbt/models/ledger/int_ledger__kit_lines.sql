-- An order line for a kit asks for its components, by the bill in force when it was placed.
with

order_lines as (
    select * from {{ ref('stg_landing__order_lines') }}
),

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

bills as (
    select * from {{ ref('dim_bills_of_materials') }}
),

final as (
    select
        order_lines.order_id,
        order_lines.line_id,
        order_lines.sku as kit_sku,
        bills.component_sku,
        bills.component_quantity,
        order_lines.ordered_quantity * bills.component_quantity as needed_quantity,
        bills.is_stocked
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    inner join bills
        on
            order_lines.sku = bills.kit_sku
            and orders.placed_at >= bills.valid_from
            and orders.placed_at < coalesce(bills.valid_to, timestamp '9999-12-31')
)

select * from final
