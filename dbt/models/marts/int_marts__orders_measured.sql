with

lines as (
    select * from {{ ref('int_marts__lines_measured') }}
),

final as (
    select
        order_id,
        any_value(channel_id) as channel_id,
        -- an order split over locations belongs to none of them
        case when count(distinct location_id) = 1 then any_value(location_id) end as location_id,
        bool_and(fill_decided_on is not null) as is_fill_decided,
        bool_and(first_shipment_quantity >= ordered_quantity) as is_filled,
        bool_and(open_quantity = 0) and sum(shipped_quantity) > 0 as is_shipped,
        max(last_shipped_at) as last_shipped_at,
        any_value(promised_ship_by) as promised_ship_by,
        max(fill_decided_on) as fill_decided_on,
        max(last_shipped_on) as last_shipped_on
    from lines
    group by order_id
)

select * from final
