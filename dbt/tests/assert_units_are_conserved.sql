-- Over all accounts, counter-accounts included, every SKU sums to zero.
select
    sku,
    sum(quantity) as quantity
from {{ ref('fct_stock_balances') }}
group by sku
having sum(quantity) != 0
