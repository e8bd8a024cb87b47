with

returns as (
    select * from {{ ref('fct_returns') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    select
        'received_to_restocked' as variant,
        returns.location_id,
        returns.return_id,
        returns.order_id,
        returns.sku,
        cast(
            {{ hours_between('returns.received_at', 'returns.restocked_at') }} as decimal(38, 6)
        ) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        {{ local_date('returns.restocked_at', "coalesce(locations.time_zone, 'UTC')") }} as period
    from returns
    -- left: a return may name no location
    left join locations on returns.location_id = locations.location_id
    where returns.restocked_at >= returns.received_at
)

select * from final
