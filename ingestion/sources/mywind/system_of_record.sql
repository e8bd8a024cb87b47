-- Only this system sees its warehouse, whatever another declares for every location.
select
    min(row_number) as row_number,
    '*' as event_type,
    'nw-warehouse' as location_id,
    'mywind' as system
from source
