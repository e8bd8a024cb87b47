with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

final as (
    select
        'placed_to_shipped' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast({{ hours_between('placed_at', 'last_shipped_at') }} as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        last_shipped_on as period
    from lines
    where open_quantity = 0 and shipped_quantity > 0 and hold_reason is null
    union all
    select
        'placed_to_delivered' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast({{ hours_between('placed_at', 'delivered_at') }} as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        delivered_on as period
    from lines
    where delivered_at is not null and hold_reason is null
    union all
    select
        'held_lines' as variant,
        location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(1 as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        placed_on as period
    from lines
    where hold_reason is not null
)

select * from final
