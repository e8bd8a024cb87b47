with

judged as (
    select * from {{ ref('base_landing__adjustments') }}
),

final as (
    select
        location_id,
        sku,
        lot_id,
        bin_id,
        reason_code,
        from_state,
        to_state,
        actor,
        approved_by,
        quantity,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        occurred_at,
        recorded_at,
        ingested_at
    from judged
    where quarantine_rule is null
)

select * from final
