with

latest as (
    {{ latest_revision('stock', ['source_system', 'source_event_key']) | indent(4) }}
),

final as (
    select
        system,
        location_id,
        channel_id,
        sku,
        lot_id,
        quantity_kind,
        quantity as claimed_quantity,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        as_of,
        recorded_at
    from latest
)

select * from final
