-- The file claims stock per bin; the claim is about the location, so the bin only keeps rows apart.
select
    row_number,
    'adventureworks' as system,
    ModifiedDate as as_of,
    'AW-' || ProductID as sku,
    'on_hand' as quantity_kind,
    Quantity as quantity,
    'aw-' || LocationID as location_id,
    concat_ws('|', ProductID, LocationID, Shelf, Bin, ModifiedDate) as source_event_key,
from source
