with

acceptances as (
    select * from {{ ref('kpi_acceptances_measured') }}
),

final as (
    select
        'day' as variant,
        location_id,
        sku,
        cast(bool_or(location_quantity <= 0) as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        placed_on as period
    from acceptances
    group by location_id, sku, placed_on
)

select * from final
