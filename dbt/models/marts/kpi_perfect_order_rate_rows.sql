with

orders as (
    select * from {{ ref('kpi_orders_measured') }}
),

final as (
    {% for variant, holds in [
        ('complete', 'is_in_full and is_on_time and is_undamaged and is_documented'),
        ('in_full', 'is_in_full'),
        ('on_time', 'is_on_time'),
        ('undamaged', 'is_undamaged'),
        ('documented', 'is_documented'),
    ] -%}
    select
        '{{ variant }}' as variant,
        location_id,
        channel_id,
        order_id,
        cast({{ holds }} as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        outcome_on as period
    from orders
    where is_outcome_decided
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
