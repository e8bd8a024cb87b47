with

latest as (
    {{ latest_revision('worker_shifts', ['worker_id', 'location_id', 'started_at']) | indent(4) }}
),

final as (
    select
        worker_id,
        location_id,
        task,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        started_at,
        ended_at,
        recorded_at
    from latest
    where ended_at > started_at
)

select * from final
