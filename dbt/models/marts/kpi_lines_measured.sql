with

resolved as (
    select * from {{ ref('int_marts__lines_resolved') }}
),

faulted as (
    select * from {{ ref('int_marts__lines_faulted') }}
),

final as (
    select
        resolved.order_id,
        resolved.line_id,
        resolved.sku,
        resolved.channel_id,
        resolved.location_id,
        resolved.pick_location_id,
        resolved.hold_reason,
        resolved.unit_price,
        resolved.ordered_quantity,
        resolved.cancelled_quantity,
        resolved.open_quantity,
        resolved.shipped_quantity,
        resolved.first_shipment_quantity,
        resolved.on_time_quantity,
        resolved.is_picked,
        resolved.is_short_picked,
        coalesce(faulted.is_scanned_wrong, false) as is_scanned_wrong,
        coalesce(faulted.is_returned_wrong, false) as is_returned_wrong,
        coalesce(faulted.is_returned_damaged, false) as is_returned_damaged,
        coalesce(faulted.is_returned_for_documents, false) as is_returned_for_documents,
        resolved.is_cancelled_for_stock,
        resolved.shipped_quantity >= resolved.ordered_quantity as is_in_full,
        coalesce(
            resolved.kept_at <= coalesce(resolved.promised_at, resolved.kept_at), false
        ) as is_on_time,
        resolved.placed_at,
        resolved.promised_ship_by,
        resolved.promised_at,
        resolved.first_pick_at,
        resolved.last_shipped_at,
        resolved.delivered_at,
        {% for day in [
            'fill_decided', 'outcome', 'placed', 'first_pick', 'last_shipped', 'delivered', 'closed',
        ] -%}
        {{ local_date('resolved.' ~ day ~ '_at', 'resolved.time_zone') }} as {{ day }}_on,
        {% endfor -%}
        {{ local_date('resolved.promised_ship_by', 'resolved.time_zone') }} as due_on,
        {{ local_date('resolved.as_of_at', 'resolved.time_zone') }} as as_of_on
    from resolved
    -- left: most lines have no fault
    left join faulted
        on
            resolved.order_id = faulted.order_id
            and resolved.line_id = faulted.line_id
)

select * from final
