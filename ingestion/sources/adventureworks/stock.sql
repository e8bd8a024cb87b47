-- The file claims stock per bin; the claim is about the location, so the bin only keeps rows apart.
select
    row_number,
    'adventureworks' as system,
    modifieddate as as_of,
    'AW-' || productid as sku,
    'on_hand' as quantity_kind,
    quantity,
    'aw-' || locationid as location_id,
    concat_ws('|', productid, locationid, shelf, bin, modifieddate) as source_event_key
from source
