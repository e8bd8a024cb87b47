with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

orders as (
    select * from {{ ref('kpi_orders_measured') }}
),

final as (
    {% for variant, errs in [
        ('line', 'is_short_picked or is_scanned_wrong or is_returned_wrong'),
        ('short_pick', 'is_short_picked'),
        ('scan', 'is_scanned_wrong'),
        ('wrong_item_return', 'is_returned_wrong'),
    ] -%}
    select
        '{{ variant }}' as variant,
        pick_location_id as location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast(not ({{ errs }}) as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        first_pick_on as period
    from lines
    where is_picked or is_short_picked
    union all
    {% endfor -%}
    select
        'order' as variant,
        location_id,
        channel_id,
        order_id,
        cast(null as varchar) as line_id,
        cast(null as varchar) as sku,
        cast(
            not (is_short_picked or is_scanned_wrong or is_returned_wrong) as decimal(38, 6)
        ) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        last_pick_on as period
    from orders
    where is_picked
)

select * from final
