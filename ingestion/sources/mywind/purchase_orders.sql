select
    source.row_number,
    'nw-' || source.purchase_order_id as po_id,
    source.id as line_id,
    'nw-' || header.supplier_id as supplier_id,
    'NW-' || source.product_id as sku,
    source.quantity,
    header.submitted_date as ordered_at,
    header.expected_date as due_at,
    source.unit_cost,
    'nw-warehouse' as location_id,
    lower(statuses.status) as status
from source
-- left: a line without its header has no supplier and goes to quarantine instead of vanishing
left join header on source.purchase_order_id = header.id
-- left: an unknown status is no reason to refuse the line
left join statuses on header.status_id = statuses.id
