with

purchases as (
    select * from {{ ref('kpi_purchases_measured') }}
),

final as (
    select
        'lead' as variant,
        location_id,
        supplier_id,
        po_id,
        po_line_id,
        sku,
        cast(lead_time_hours as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ month_of('first_received_on') }} as period
    from purchases
    where lead_time_hours is not null
    union all
    select
        'bias' as variant,
        location_id,
        supplier_id,
        po_id,
        po_line_id,
        sku,
        cast(lead_time_hours - quoted_hours as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ month_of('first_received_on') }} as period
    from purchases
    where lead_time_hours is not null and quoted_hours is not null
)

select * from final
