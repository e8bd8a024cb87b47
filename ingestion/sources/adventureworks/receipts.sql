-- One line holds up to three events: what arrived, what was refused, what was stocked. The file has
-- no date of receipt. ModifiedDate lies before the vendor's ship date on nearly every line, so the
-- goods cannot have been there; DueDate is the line's only date on which they can have been.
with events as (
    select
        *,
        'received' as event_type,
        receivedqty as event_quantity
    from source
    union all
    select
        *,
        'rejected' as event_type,
        rejectedqty as event_quantity
    from source
    union all
    select
        *,
        'put_away' as event_type,
        stockedqty as event_quantity
    from source
)

select
    row_number,
    event_type,
    duedate as occurred_at,
    -- nothing is known before it happens
    greatest(duedate, modifieddate) as recorded_at,
    'AW-' || productid as sku,
    event_quantity as quantity,
    'aw-' || purchaseorderid as po_id,
    purchaseorderdetailid as po_line_id,
    'aw-receiving-dock' as location_id,
    case when event_type = 'rejected' then 'rejected on receipt' end as reason,
    concat_ws('|', purchaseorderid, purchaseorderdetailid, event_type) as source_event_key
from events
-- zero means that the event did not happen; text that is no number must reach the contract's check
where coalesce(try_cast(event_quantity as decimal(18, 4)) <> 0, true)
