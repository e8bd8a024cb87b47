-- Waste lowers stock; the file states it as a positive quantity.
select
    source.row_number,
    source.transaction_created_date as occurred_at,
    source.transaction_modified_date as recorded_at,
    'nw-warehouse' as location_id,
    'NW-' || source.product_id as sku,
    '-' || source.quantity as quantity,
    'waste' as reason_code,
    source.id as source_event_key
from source
inner join types on source.transaction_type = types.id
where types.type_name = 'Waste'
