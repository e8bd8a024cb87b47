with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

owners as (
    select * from {{ ref('int_ledger__owners_resolved') }}
),

final as (
    select
        reported.event_id,
        reported.event_name,
        reported.sku,
        reported.lot_id,
        reported.location_id,
        reported.to_location_id,
        reported.order_id,
        reported.order_line_id,
        reported.po_id,
        reported.po_line_id,
        reported.return_id,
        reported.transfer_id,
        reported.quantity,
        owners.owner_system,
        reported.source_system,
        reported.source_event_key,
        reported.batch_id,
        reported.row_number,
        reported.occurred_at,
        reported.recorded_at,
        reported.ingested_at
    from reported
    inner join owners
        on
            reported.event_name = owners.event_name
            and reported.location_id = owners.location_id
            and reported.source_system != owners.owner_system
)

select * from final
