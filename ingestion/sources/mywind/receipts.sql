-- Stock follows the transactions, so each books once, when it was entered. The purchase line comes
-- from the line's own pointer: the transaction's purchase_order_id is always empty.
select
    source.row_number,
    'received' as event_type,
    source.transaction_created_date as occurred_at,
    source.transaction_modified_date as recorded_at,
    'NW-' || source.product_id as sku,
    source.quantity,
    'nw-' || purchase_lines.purchase_order_id as po_id,
    purchase_lines.id as po_line_id,
    'nw-warehouse' as location_id,
    source.id as source_event_key
from source
inner join types on source.transaction_type = types.id
-- left: stock may be purchased without an order
left join purchase_lines on source.id = purchase_lines.inventory_id
where types.type_name = 'Purchased'
-- two lines may claim one transaction; it still books once
qualify row_number() over (partition by source.id order by purchase_lines.id) = 1
