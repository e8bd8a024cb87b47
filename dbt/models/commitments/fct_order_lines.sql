with

order_lines as (
    select * from {{ ref('stg_landing__order_lines') }}
),

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

channels as (
    select * from {{ ref('dim_channels') }}
),

holds as (
    select * from {{ ref('order_holds') }}
),

progressed as (
    select * from {{ ref('int_commitments__lines_progressed') }}
),

observed as (
    select * from {{ ref('int_commitments__lines_observed') }}
),

advanced as (
    select * from {{ ref('int_commitments__lines_advanced') }}
),

joined as (
    select
        order_lines.order_id,
        order_lines.line_id,
        order_lines.sku,
        orders.channel_id,
        coalesce(progressed.location_id, order_lines.requested_location_id) as location_id,
        order_lines.requested_location_id,
        coalesce(
            case when fraud.status is null then 'fraud_unclear' else fraud.hold_reason end,
            case when payment.status is null then 'payment_unclear' else payment.hold_reason end
        ) as hold_reason,
        orders.cancel_reason,
        order_lines.ordered_quantity,
        case
            when orders.cancelled_at is not null
                then
                    greatest(
                        0, order_lines.ordered_quantity - coalesce(progressed.shipped_quantity, 0)
                    )
            else 0
        end as cancelled_quantity,
        coalesce(progressed.reserved_quantity, 0) as reserved_quantity,
        coalesce(progressed.picked_quantity, 0) as picked_quantity,
        coalesce(progressed.packed_quantity, 0) as packed_quantity,
        coalesce(progressed.shipped_quantity, 0) as shipped_quantity,
        coalesce(progressed.first_shipment_quantity, 0) as first_shipment_quantity,
        coalesce(progressed.overshipped_quantity, 0) as overshipped_quantity,
        coalesce(progressed.shipping_location_count, 0) as shipping_location_count,
        order_lines.unit_price_amount as unit_price,
        order_lines.discount_amount,
        orders.currency,
        orders.is_ship_complete,
        coalesce(observed.is_picked, false) as is_picked,
        coalesce(observed.is_short_picked, false) as is_short_picked,
        observed.pick_location_id,
        orders.placed_at,
        -- an order that names no date is promised what its channel promises all
        coalesce(
            orders.promised_ship_by,
            orders.placed_at + to_hours(channels.sla_hours)
        ) as promised_ship_by,
        orders.promised_delivery_by,
        orders.cancelled_at,
        observed.first_pick_at,
        progressed.first_shipped_at,
        progressed.last_shipped_at,
        order_lines.source_system,
        order_lines.batch_id,
        order_lines.row_number
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    -- left: nobody may have described the channel, a word nobody listed holds the order, an open
    -- line has not moved yet
    left join channels on orders.channel_id = channels.channel_id
    left join holds as fraud
        on fraud.status_kind = 'fraud' and orders.fraud_status = fraud.status
    left join holds as payment
        on payment.status_kind = 'payment' and orders.payment_status = payment.status
    left join progressed
        on
            order_lines.order_id = progressed.order_id
            and order_lines.line_id = progressed.order_line_id
    left join observed
        on
            order_lines.order_id = observed.order_id
            and order_lines.line_id = observed.line_id
),

-- a line is there when the last of its units is
delivered as (
    select
        joined.order_id,
        joined.line_id,
        min(advanced.reached_at) as delivered_at
    from joined
    inner join advanced
        on
            joined.order_id = advanced.order_id
            and joined.line_id = advanced.line_id
            and advanced.step = 'delivered'
            and advanced.reached_quantity >= joined.ordered_quantity - joined.cancelled_quantity
    where joined.cancelled_quantity < joined.ordered_quantity
    group by joined.order_id, joined.line_id
),

arrived as (
    select
        joined.*,
        delivered.delivered_at
    from joined
    -- left: most lines are still on their way, or nobody tells
    left join delivered
        on joined.order_id = delivered.order_id and joined.line_id = delivered.line_id
),

final as (
    select
        * exclude (delivered_at, source_system, batch_id, row_number),
        delivered_at,
        ordered_quantity - cancelled_quantity - shipped_quantity as open_quantity,
        -- a step that was never reported leaves its state below zero; that is no demand
        greatest(
            0,
            ordered_quantity
            - cancelled_quantity
            - shipped_quantity
            - greatest(0, reserved_quantity)
            - greatest(0, picked_quantity)
            - greatest(0, packed_quantity)
        ) as waiting_quantity,
        case
            when cancelled_quantity = ordered_quantity then 'cancelled'
            when shipped_quantity + cancelled_quantity >= ordered_quantity
                then case when delivered_at is null then 'shipped' else 'delivered' end
            when hold_reason is not null then 'on_hold'
            when shipped_quantity > 0 then 'partly_shipped'
            when packed_quantity > 0 then 'packed'
            when picked_quantity > 0 then 'picked'
            when reserved_quantity > 0 then 'reserved'
            else 'released'
        end as status,
        source_system,
        batch_id,
        row_number
    from arrived
)

select * from final
