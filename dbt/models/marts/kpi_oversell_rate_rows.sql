with

acceptances as (
    select * from {{ ref('kpi_acceptances_measured') }}
),

final as (
    select
        'line' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        listed_quantity,
        network_quantity,
        cast(
            listed_quantity >= ordered_quantity
            and network_quantity < ordered_quantity as decimal(38, 6)
        ) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        placed_on as period
    from acceptances
    where listed_quantity is not null
)

select * from final
