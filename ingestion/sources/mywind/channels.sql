-- Orders are taken by sales representatives; no file distinguishes channels.
select
    min(row_number) as row_number,
    'nw-sales' as channel_id,
    'Northwind sales' as name,
    'wholesale' as kind,
    1 as priority
from source
