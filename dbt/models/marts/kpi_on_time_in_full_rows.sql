with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

orders as (
    select * from {{ ref('kpi_orders_measured') }}
),

final as (
    select
        'promised_line' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(is_in_full and is_on_time as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        outcome_on as period
    from lines
    where outcome_on is not null
    union all
    select
        'promised_unit' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(least(on_time_quantity, ordered_quantity) as decimal(38, 6)) as numerator,
        cast(ordered_quantity as decimal(38, 6)) as denominator,
        outcome_on as period
    from lines
    where outcome_on is not null
    union all
    select
        'promised_order' as variant,
        location_id,
        channel_id,
        order_id,
        cast(null as varchar) as line_id,
        cast(null as varchar) as sku,
        cast(is_in_full and is_on_time as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        outcome_on as period
    from orders
    where is_outcome_decided
)

select * from final
