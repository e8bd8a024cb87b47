with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

summed as (
    select
        order_id,
        count(*) as line_count,
        cast(sum(ordered_quantity) as bigint) as ordered_quantity,
        cast(sum(cancelled_quantity) as bigint) as cancelled_quantity,
        cast(sum(shipped_quantity) as bigint) as shipped_quantity,
        cast(sum(open_quantity) as bigint) as open_quantity,
        min(hold_reason) as hold_reason,
        min(promised_ship_by) as promised_ship_by,
        min(first_shipped_at) as first_shipped_at,
        max(last_shipped_at) as last_shipped_at,
        max(delivered_at) as delivered_at
    from order_lines
    group by order_id
),

final as (
    select
        orders.order_id,
        orders.channel_id,
        orders.customer_id,
        orders.customer_tier,
        orders.payment_status,
        orders.fraud_status,
        summed.hold_reason,
        orders.cancel_reason,
        orders.ship_country,
        orders.ship_postcode,
        orders.currency,
        case
            when summed.cancelled_quantity = summed.ordered_quantity then 'cancelled'
            when summed.open_quantity = 0 then 'shipped'
            when summed.hold_reason is not null then 'on_hold'
            when summed.shipped_quantity > 0 then 'partly_shipped'
            else 'open'
        end as status,
        summed.line_count,
        summed.ordered_quantity,
        summed.cancelled_quantity,
        summed.shipped_quantity,
        summed.open_quantity,
        orders.is_ship_complete,
        orders.placed_at,
        summed.promised_ship_by,
        orders.promised_delivery_by,
        orders.cancelled_at,
        summed.first_shipped_at,
        summed.last_shipped_at,
        summed.delivered_at
    from orders
    inner join summed on orders.order_id = summed.order_id
)

select * from final
