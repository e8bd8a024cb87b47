with

latest as (
    {{ latest_revision('channels', ['channel_id']) | indent(4) }}
),

final as (
    select
        channel_id,
        coalesce(name, channel_id) as channel_name,
        coalesce(kind, 'own_shop') as channel_kind,
        coalesce(priority, 100) as channel_priority,
        sla_hours,
        late_penalty as late_penalty_amount,
        cancel_penalty as cancel_penalty_amount,
        recorded_at
    from latest
)

select * from final
