-- Two lines of order 81 order nothing. They are for the contract to refuse, not for us to hide.
select
    row_number,
    'nw-' || order_id as order_id,
    id as line_id,
    'NW-' || product_id as sku,
    quantity,
    unit_price,
    discount,
    'nw-warehouse' as requested_location_id
from source
