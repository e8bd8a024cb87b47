with

backorders as (
    select * from {{ ref('fct_backorders') }}
),

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

final as (
    {% for variant, measure in [('units', 'short_quantity'), ('amount', 'amount')] -%}
    select
        unnest([
            '{{ variant }}',
            '{{ variant }}_' || replace(backorders.age_against_promise, ' ', '_'),
        ]) as variant,
        backorders.requested_location_id as location_id,
        backorders.channel_id,
        backorders.order_id,
        backorders.line_id,
        backorders.sku,
        cast(backorders.{{ measure }} as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        lines.as_of_on as period,
        cast(lines.as_of_on + interval 1 day as date) as period_to
    from backorders
    inner join lines
        on backorders.order_id = lines.order_id and backorders.line_id = lines.line_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
