-- product_code is no key: NWTJP-6 and NWTC-82 each name two products. The id is.
select
    row_number,
    'NW-' || id as sku,
    product_name as title,
    category,
    'Northwind Traders' as brand,
    standard_cost as unit_cost,
    list_price,
    'USD' as currency,
    'trading' as owner
from source
