with

latest as (
    {{ latest_revision('system_of_record', ['event_type', 'location_id']) | indent(4) }}
),

final as (
    select
        event_type as event_pattern,
        location_id,
        system as source_system,
        recorded_at
    from latest
)

select * from final
