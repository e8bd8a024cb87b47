with

orders as (
    select * from {{ ref('kpi_orders_measured') }}
),

final as (
    select
        'first_shipment' as variant,
        location_id,
        channel_id,
        order_id,
        cast(is_filled as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        fill_decided_on as period
    from orders
    where is_fill_decided
)

select * from final
