-- The transaction types are all that the warehouse can report: it holds, but never picks, packs or
-- puts away on its own.
select
    row_number,
    'nw-warehouse' as location_id,
    'reserve' as step
from source
where type_name = 'On Hold'
