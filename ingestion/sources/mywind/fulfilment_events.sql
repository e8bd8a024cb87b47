-- SKU and quantity are the transaction's own, because stock follows the transactions. Where the
-- order line that points at it says otherwise (line 86 does), the event keeps the line's id, so the
-- two can be compared. Times are the entry's: some lie before the order's date, as in the file.
select
    source.row_number,
    case types.type_name when 'Sold' then 'shipped' else 'reserved' end as event_type,
    source.transaction_created_date as occurred_at,
    source.transaction_modified_date as recorded_at,
    'nw-' || coalesce(
        order_lines.order_id,
        source.customer_order_id,
        -- held without an order: the transaction must book and must not look like anybody's order
        'without-order-' || source.id
    ) as order_id,
    coalesce(order_lines.id, 'transaction-' || source.id) as line_id,
    'NW-' || source.product_id as sku,
    source.quantity,
    'nw-warehouse' as location_id,
    source.comments as reason,
    source.id as source_event_key
from source
inner join types on source.transaction_type = types.id
-- left: three holds belong to no order line
left join order_lines on source.id = order_lines.inventory_id
where types.type_name in ('Sold', 'On Hold')
-- two lines may point at one transaction; it still books once
qualify row_number() over (partition by source.id order by order_lines.id) = 1
