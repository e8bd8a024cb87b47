-- Every movement has exactly two entries and they sum to zero.
select
    movement_id,
    count(*) as entry_count,
    sum(quantity) as quantity
from {{ ref('fct_stock_entries') }}
group by movement_id
having count(*) != 2 or sum(quantity) != 0
