-- No file names a place: Northwind keeps all of its stock in one.
select
    min(row_number) as row_number,
    'nw-warehouse' as location_id,
    'Northwind warehouse' as name,
    'warehouse' as kind,
    'US' as country,
    'America/Los_Angeles' as timezone
from source
