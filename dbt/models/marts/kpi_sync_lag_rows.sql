with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

final as (
    select
        'recorded' as variant,
        reported.source_system,
        reported.event_name,
        reported.source_event_key,
        reported.sku,
        reported.location_id,
        cast(
            {{ hours_between('reported.occurred_at', 'reported.recorded_at') }} as decimal(38, 6)
        ) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        reported.occurred_at,
        reported.recorded_at,
        {{ local_date('reported.occurred_at', "coalesce(locations.time_zone, 'UTC')") }} as period
    from reported
    -- left: the location 'unknown' has no row
    left join locations on reported.location_id = locations.location_id
)

select * from final
