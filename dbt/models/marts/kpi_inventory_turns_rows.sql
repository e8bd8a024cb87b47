with

months as (
    select * from {{ ref('kpi_stock_months') }}
),

final as (
    select
        'annualised' as variant,
        location_id,
        sku,
        cast(
            sold_quantity * unit_cost_amount * 365 / cast(day_count as double) as decimal(38, 6)
        ) as numerator,
        cast(unit_days * unit_cost_amount / cast(day_count as double) as decimal(38, 6))
            as denominator,
        month_on as period
    from months
)

select * from final
