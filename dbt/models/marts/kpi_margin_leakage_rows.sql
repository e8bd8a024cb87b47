with

leaks as (
    select * from {{ ref('kpi_leaks_measured') }}
),

final as (
    {% for variant in ["'total'", 'leak_type'] -%}
    select
        {{ variant }} as variant,
        location_id,
        channel_id,
        cause,
        order_id,
        line_id,
        return_id,
        movement_id,
        sku,
        cast(amount as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        leaked_on as period
    from leaks
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
