with

counts as (
    select * from {{ ref('fct_stock_counts') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    {% for variant, measure in [
        ('gross', 'abs(counts.variance_quantity)'),
        ('net', 'counts.variance_quantity'),
        ('gross_value', 'abs(counts.variance_amount)'),
        ('net_value', 'counts.variance_amount'),
    ] -%}
    select
        '{{ variant }}' as variant,
        counts.location_id,
        counts.count_id,
        counts.sku,
        counts.lot_id,
        cast({{ measure }} as decimal(24, 6)) as numerator,
        cast(1 as decimal(24, 6)) as denominator,
        {{ local_date('counts.counted_at', 'locations.time_zone') }} as period
    from counts
    inner join locations on counts.location_id = locations.location_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
