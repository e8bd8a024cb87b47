with

purchases as (
    select * from {{ ref('kpi_purchases_measured') }}
),

final as (
    select
        'arrived_to_put_away' as variant,
        location_id,
        supplier_id,
        po_id,
        po_line_id,
        sku,
        cast(dock_hours as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        last_put_away_on as period
    from purchases
    where is_put_away and dock_hours >= 0
)

select * from final
