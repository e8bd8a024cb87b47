with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

final as (
    select
        'line' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(is_cancelled_for_stock as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        placed_on as period
    from lines
)

select * from final
