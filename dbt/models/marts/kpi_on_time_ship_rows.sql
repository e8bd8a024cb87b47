with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

orders as (
    select * from {{ ref('kpi_orders_measured') }}
),

final as (
    select
        'order' as variant,
        location_id,
        channel_id,
        order_id,
        cast(null as varchar) as line_id,
        cast(null as varchar) as sku,
        cast(last_shipped_at <= promised_ship_by as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        last_shipped_on as period
    from orders
    where is_shipped and promised_ship_by is not null
    union all
    select
        'line' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(last_shipped_at <= promised_ship_by as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        last_shipped_on as period
    from lines
    where open_quantity = 0 and shipped_quantity > 0 and promised_ship_by is not null
)

select * from final
