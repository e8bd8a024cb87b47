with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

advanced as (
    select * from {{ ref('int_commitments__lines_advanced') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

-- a network that never hears of deliveries is held to what it knows: the ship promise
network as (
    select coalesce(bool_or(delivered_at is not null), false) as tells_deliveries
    from order_lines
),

promised as (
    select
        order_lines.*,
        clock.as_of_at,
        coalesce(locations.time_zone, 'UTC') as time_zone,
        coalesce(order_lines.cancel_reason = 'out_of_stock', false)
        and order_lines.cancelled_quantity > 0 as is_cancelled_for_stock,
        case
            when network.tells_deliveries and order_lines.promised_delivery_by is not null
                then order_lines.promised_delivery_by
            else order_lines.promised_ship_by
        end as promised_at,
        case
            when network.tells_deliveries and order_lines.promised_delivery_by is not null
                then 'delivered'
            else 'shipped'
        end as promised_step,
        case
            when order_lines.open_quantity > 0 or order_lines.shipped_quantity = 0 then null
            when not network.tells_deliveries or order_lines.promised_delivery_by is null
                then order_lines.last_shipped_at
            when order_lines.delivered_at is not null
                then greatest(order_lines.delivered_at, order_lines.last_shipped_at)
        end as kept_at
    from order_lines
    cross join clock
    cross join network
    -- left: a line that nobody served may have no location
    left join locations on order_lines.location_id = locations.location_id
),

punctual as (
    select
        promised.order_id,
        promised.line_id,
        max(advanced.reached_quantity) as on_time_quantity
    from promised
    inner join advanced
        on
            promised.order_id = advanced.order_id
            and promised.line_id = advanced.line_id
            and promised.promised_step = advanced.step
            and advanced.reached_at <= coalesce(promised.promised_at, advanced.reached_at)
    group by promised.order_id, promised.line_id
),

timed as (
    select
        promised.*,
        coalesce(punctual.on_time_quantity, 0) as on_time_quantity
    from promised
    -- left: no unit may have been on time
    left join punctual
        on promised.order_id = punctual.order_id and promised.line_id = punctual.line_id
),

final as (
    select
        order_id,
        line_id,
        sku,
        channel_id,
        location_id,
        pick_location_id,
        hold_reason,
        time_zone,
        unit_price,
        ordered_quantity,
        cancelled_quantity,
        open_quantity,
        shipped_quantity,
        first_shipment_quantity,
        on_time_quantity,
        is_picked,
        is_short_picked,
        is_cancelled_for_stock,
        placed_at,
        promised_ship_by,
        promised_at,
        first_pick_at,
        last_shipped_at,
        delivered_at,
        kept_at,
        as_of_at,
        -- a broken promise counts on the day it broke, whenever the goods came in the end
        case
            when is_cancelled_for_stock then cancelled_at
            when kept_at <= promised_at or promised_at is null then kept_at
            when cancelled_at is null and hold_reason is null and promised_at < as_of_at
                then promised_at
        end as outcome_at,
        case
            when first_shipped_at is not null then first_shipped_at
            when is_cancelled_for_stock then cancelled_at
            when
                cancelled_at is null and hold_reason is null and promised_ship_by < as_of_at
                then promised_ship_by
        end as fill_decided_at,
        case
            when open_quantity = 0 then greatest(last_shipped_at, cancelled_at)
        end as closed_at
    from timed
)

select * from final
