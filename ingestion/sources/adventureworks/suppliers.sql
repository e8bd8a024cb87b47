select
    row_number,
    'aw-' || BusinessEntityID as supplier_id,
    Name as name,
from source
