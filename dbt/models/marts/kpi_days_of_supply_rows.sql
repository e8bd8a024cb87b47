with

months as (
    select * from {{ ref('kpi_stock_months') }}
),

final as (
    select
        'month' as variant,
        location_id,
        sku,
        cast(sellable_quantity as decimal(38, 6)) as numerator,
        cast(sold_quantity / cast(day_count as double) as decimal(38, 6)) as denominator,
        month_on as period
    from months
)

select * from final
