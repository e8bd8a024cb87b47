with

verifications as (
    select * from {{ ref('fct_count_verifications') }}
),

-- a second count of the same finding says nothing new of the book
counts as (
    select counts.*
    from {{ ref('fct_stock_counts') }} as counts
    anti join verifications
        on
            counts.count_id = verifications.count_id
            and counts.location_id = verifications.location_id
            and counts.sku = verifications.sku
            and counts.lot_id is not distinct from verifications.lot_id
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
        cast({{ measure }} as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('counts.counted_at', 'locations.time_zone') }} as period
    from counts
    inner join locations on counts.location_id = locations.location_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
