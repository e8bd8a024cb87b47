with

latest as (
    {{ latest_revision('locations', ['location_id']) | indent(4) }}
),

final as (
    select
        location_id,
        coalesce(name, location_id) as location_name,
        coalesce(kind, 'warehouse') as location_kind,
        country,
        coalesce(timezone, 'UTC') as time_zone,
        owner,
        cut_off_time,
        latitude,
        longitude,
        daily_line_capacity,
        recorded_at
    from latest
)

select * from final
