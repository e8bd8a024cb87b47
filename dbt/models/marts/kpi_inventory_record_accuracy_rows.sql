with

counts as (
    select * from {{ ref('fct_stock_counts') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    select
        'within_tolerance' as variant,
        counts.location_id,
        counts.count_id,
        counts.sku,
        counts.lot_id,
        cast(counts.is_within_tolerance as decimal(24, 6)) as numerator,
        cast(1 as decimal(24, 6)) as denominator,
        {{ local_date('counts.counted_at', 'locations.time_zone') }} as period
    from counts
    inner join locations on counts.location_id = locations.location_id
)

select * from final
