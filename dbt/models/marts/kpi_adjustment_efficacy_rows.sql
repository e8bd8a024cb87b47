with

efficacy as (
    select * from {{ ref('fct_adjustment_efficacy') }}
    where is_held is not null
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    select
        'held_at_next_count' as variant,
        efficacy.location_id,
        efficacy.movement_id,
        efficacy.sku,
        efficacy.lot_id,
        cast(efficacy.is_held as decimal(38, 6)) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('efficacy.next_counted_at', 'locations.time_zone') }} as period
    from efficacy
    inner join locations on efficacy.location_id = locations.location_id
)

select * from final
