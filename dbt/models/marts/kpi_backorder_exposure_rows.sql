with

allocations as (
    select * from {{ ref('fct_allocations') }}
    where short_quantity > 0
),

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

-- a line served from two locations says twice what it lacks
short_lines as (
    select
        lines.order_id,
        lines.line_id,
        lines.sku,
        lines.channel_id,
        max(allocations.short_quantity) as units,
        max(allocations.short_quantity) * lines.unit_price as amount,
        case
            when lines.due_on is null or lines.due_on >= lines.as_of_on then 'not_due'
            when lines.due_on + interval 3 day >= lines.as_of_on then 'late_to_3_days'
            else 'late_over_3_days'
        end as age,
        lines.as_of_on
    from allocations
    inner join lines
        on allocations.order_id = lines.order_id and allocations.line_id = lines.line_id
    group by
        lines.order_id, lines.line_id, lines.sku, lines.channel_id, lines.unit_price,
        lines.due_on, lines.as_of_on
),

final as (
    {% for measure in ['units', 'amount'] -%}
    select
        unnest(['{{ measure }}', '{{ measure }}_' || age]) as variant,
        cast(null as varchar) as location_id,
        channel_id,
        order_id,
        line_id,
        sku,
        cast({{ measure }} as decimal(18, 6)) as numerator,
        cast(1 as decimal(18, 6)) as denominator,
        as_of_on as period,
        cast(as_of_on + interval 1 day as date) as period_to
    from short_lines
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
