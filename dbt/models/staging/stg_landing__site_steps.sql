with

latest as (
    {{ latest_revision('site_steps', ['location_id', 'step']) | indent(4) }}
),

final as (
    select
        location_id,
        step,
        recorded_at
    from latest
)

select * from final
