select
    source.row_number,
    'aw-' || source.purchaseorderid as po_id,
    source.purchaseorderdetailid as line_id,
    'aw-' || header.vendorid as supplier_id,
    'AW-' || source.productid as sku,
    source.orderqty as quantity,
    header.orderdate as ordered_at,
    source.duedate as due_at,
    source.unitprice as unit_cost,
    'aw-receiving-dock' as location_id,
    case header.status
        when '1' then 'pending'
        when '2' then 'approved'
        when '3' then 'rejected'
        when '4' then 'complete'
        else header.status
    end as status,
    -- a status that changes later must count as a revision of the line
    greatest(source.modifieddate, header.modifieddate) as recorded_at
from source
-- left: a line without its header has no supplier and goes to quarantine instead of vanishing
left join header on source.purchaseorderid = header.purchaseorderid
