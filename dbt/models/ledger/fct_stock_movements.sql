with

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
),

transitions as (
    select * from {{ ref('stock_transitions') }}
),

shortfalls as (
    select * from {{ ref('int_ledger__shortfalls') }}
),

final as (
    select
        booked.movement_id,
        booked.movement_type,
        booked.event_id,
        booked.sku,
        booked.lot_id,
        booked.from_location_id,
        booked.from_state,
        booked.to_location_id,
        booked.to_state,
        booked.quantity,
        booked.source_system,
        booked.source_event_key,
        booked.order_id,
        booked.order_line_id,
        booked.po_id,
        booked.po_line_id,
        booked.return_id,
        booked.transfer_id,
        booked.command_id,
        booked.bin_id,
        booked.worker_id,
        booked.actor,
        booked.reason,
        case
            when transitions.movement_type is null then 'illegal_transition'
            when shortfalls.movement_id is not null then 'negative_balance'
            when booked.from_location_id = 'unknown' then 'unknown_location'
            when booked.from_state = 'suspense' or booked.to_state = 'suspense'
                then 'beyond_order'
            when transitions.needs_reason and booked.reason is null then 'reason_missing'
        end as flag,
        shortfalls.movement_id is not null as is_overdrawing,
        booked.batch_id,
        booked.row_number,
        booked.occurred_at,
        booked.recorded_at,
        booked.ingested_at
    from booked
    -- left: a transition the seed does not list is booked and flagged
    left join transitions
        on
            booked.movement_type = transitions.movement_type
            and booked.from_state = transitions.from_state
            and booked.to_state = transitions.to_state
    -- left: few movements take an account below zero
    left join shortfalls on booked.movement_id = shortfalls.movement_id
)

select * from final
