select
    row_number,
    'aw-' || businessentityid as supplier_id,
    name
from source
