with

purchases as (
    select * from {{ ref('kpi_purchases_measured') }}
),

final as (
    select
        'line' as variant,
        location_id,
        supplier_id,
        po_id,
        po_line_id,
        sku,
        cast(first_due_quantity >= ordered_quantity as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ month_of('first_due_on') }} as period
    from purchases
    where is_due
    union all
    select
        'unit' as variant,
        location_id,
        supplier_id,
        po_id,
        po_line_id,
        sku,
        cast(first_due_quantity as decimal(38, 6)) as numerator,
        cast(ordered_quantity as decimal(38, 6)) as denominator,
        {{ month_of('first_due_on') }} as period
    from purchases
    where is_due
    union all
    select
        'revised_line' as variant,
        location_id,
        supplier_id,
        po_id,
        po_line_id,
        sku,
        cast(revised_due_quantity >= ordered_quantity as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ month_of('due_on') }} as period
    from purchases
    where is_revised_due
)

select * from final
