with

lines as (
    select * from {{ ref('kpi_lines_measured') }}
),

final as (
    select
        order_id,
        any_value(channel_id) as channel_id,
        -- an order split over locations belongs to none of them
        case when count(distinct location_id) = 1 then any_value(location_id) end as location_id,
        count(distinct location_id) as location_count,
        count(*) as line_count,
        bool_and(fill_decided_on is not null) as is_fill_decided,
        bool_and(first_shipment_quantity >= ordered_quantity) as is_filled,
        bool_and(open_quantity = 0) and sum(shipped_quantity) > 0 as is_shipped,
        bool_and(outcome_on is not null) as is_outcome_decided,
        bool_and(is_in_full) as is_in_full,
        bool_and(is_on_time) as is_on_time,
        not bool_or(is_returned_wrong or is_returned_damaged) as is_undamaged,
        not bool_or(is_returned_for_documents) as is_documented,
        bool_or(is_picked or is_short_picked) as is_picked,
        bool_or(is_short_picked) as is_short_picked,
        bool_or(is_scanned_wrong) as is_scanned_wrong,
        bool_or(is_returned_wrong) as is_returned_wrong,
        max(last_shipped_at) as last_shipped_at,
        any_value(promised_ship_by) as promised_ship_by,
        max(fill_decided_on) as fill_decided_on,
        max(outcome_on) as outcome_on,
        max(first_pick_on) as last_pick_on,
        max(last_shipped_on) as last_shipped_on
    from lines
    group by order_id
)

select * from final
