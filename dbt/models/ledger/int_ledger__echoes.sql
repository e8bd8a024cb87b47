with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
),

final as (
    select
        reported.event_id,
        reported.event_name,
        reported.sku,
        reported.told_sku,
        reported.lot_id,
        reported.location_id,
        reported.to_location_id,
        reported.order_id,
        reported.order_line_id,
        reported.po_id,
        reported.po_line_id,
        reported.return_id,
        reported.transfer_id,
        reported.from_state,
        reported.to_state,
        reported.quantity,
        reported.source_system,
        reported.source_event_key,
        reported.batch_id,
        reported.row_number,
        reported.occurred_at,
        reported.recorded_at,
        reported.ingested_at
    from reported
    anti join owned on reported.event_id = owned.event_id
)

select * from final
