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
        cast(least(received_quantity, ordered_quantity) as decimal(38, 6)) as numerator,
        cast(ordered_quantity as decimal(38, 6)) as denominator,
        {{ month_of('first_due_on') }} as period
    from purchases
    where is_due
)

select * from final
