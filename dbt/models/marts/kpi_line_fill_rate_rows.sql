with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

final as (
    select
        'first_shipment' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(first_shipment_quantity >= ordered_quantity as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        fill_decided_on as period
    from lines
    where fill_decided_on is not null
)

select * from final
