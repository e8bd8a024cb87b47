with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
    where movement_type = 'shipped' and to_state = 'customer'
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

first_shipments as (
    select
        booked.order_id,
        booked.order_line_id,
        cast(sum(booked.quantity) as bigint) as first_shipment_quantity
    from booked
    inner join order_lines
        on
            booked.order_id = order_lines.order_id
            and booked.order_line_id = order_lines.line_id
            and booked.occurred_at = order_lines.first_shipped_at
    group by booked.order_id, booked.order_line_id
),

resolved as (
    select
        order_lines.*,
        coalesce(locations.time_zone, 'UTC') as time_zone,
        coalesce(first_shipments.first_shipment_quantity, 0) as first_shipment_quantity,
        coalesce(order_lines.cancel_reason = 'out_of_stock', false)
        and order_lines.cancelled_quantity > 0 as is_cancelled_for_stock,
        case
            when order_lines.first_shipped_at is not null then order_lines.first_shipped_at
            when
                order_lines.cancelled_at is not null and order_lines.cancel_reason = 'out_of_stock'
                then order_lines.cancelled_at
            when
                order_lines.cancelled_at is null
                and order_lines.hold_reason is null
                and order_lines.promised_ship_by < clock.as_of_at
                then order_lines.promised_ship_by
        end as fill_decided_at
    from order_lines
    cross join clock
    -- left: an unshipped line has no first shipment and may have no location
    left join first_shipments
        on
            order_lines.order_id = first_shipments.order_id
            and order_lines.line_id = first_shipments.order_line_id
    left join locations on order_lines.location_id = locations.location_id
),

final as (
    select
        order_id,
        line_id,
        channel_id,
        location_id,
        pick_location_id,
        ordered_quantity,
        open_quantity,
        shipped_quantity,
        first_shipment_quantity,
        is_picked,
        is_short_picked,
        is_cancelled_for_stock,
        hold_reason,
        placed_at,
        promised_ship_by,
        first_pick_at,
        last_shipped_at,
        delivered_at,
        {{ local_date('fill_decided_at', 'time_zone') }} as fill_decided_on,
        {{ local_date('placed_at', 'time_zone') }} as placed_on,
        {{ local_date('first_pick_at', 'time_zone') }} as first_pick_on,
        {{ local_date('last_shipped_at', 'time_zone') }} as last_shipped_on,
        {{ local_date('delivered_at', 'time_zone') }} as delivered_on
    from resolved
)

select * from final
