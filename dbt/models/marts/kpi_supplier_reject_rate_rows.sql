with

purchases as (
    select * from {{ ref('kpi_purchases_measured') }}
),

final as (
    select
        'unit' as variant,
        location_id,
        supplier_id,
        po_id,
        po_line_id,
        sku,
        cast(least(rejected_quantity, received_quantity) as decimal(38, 6)) as numerator,
        cast(received_quantity as decimal(38, 6)) as denominator,
        {{ month_of('first_received_on') }} as period
    from purchases
    where received_quantity > 0
)

select * from final
