select
    row_number,
    'nw-' || id as supplier_id,
    company as name
from source
