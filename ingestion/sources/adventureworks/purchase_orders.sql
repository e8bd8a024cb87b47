select
    source.row_number,
    'aw-' || source.PurchaseOrderID as po_id,
    source.PurchaseOrderDetailID as line_id,
    'aw-' || header.VendorID as supplier_id,
    'AW-' || source.ProductID as sku,
    source.OrderQty as quantity,
    header.OrderDate as ordered_at,
    source.DueDate as due_at,
    source.UnitPrice as unit_cost,
    'aw-receiving-dock' as location_id,
    case header.Status
        when '1' then 'pending'
        when '2' then 'approved'
        when '3' then 'rejected'
        when '4' then 'complete'
        else header.Status
    end as status,
    -- a status that changes later must count as a revision of the line
    greatest(source.ModifiedDate, header.ModifiedDate) as recorded_at,
from source
-- left: a line without its header has no supplier and goes to quarantine instead of vanishing
left join header on source.PurchaseOrderID = header.PurchaseOrderID
