select
    row_number,
    'nw-' || id as order_id,
    'nw-sales' as channel_id,
    order_date as placed_at,
    'nw-' || customer_id as customer_id,
    case when paid_date is null then 'pending' else 'paid' end as payment_status,
    case ship_country_region when 'USA' then 'US' else ship_country_region end as ship_country,
    ship_zip_postal_code as ship_postcode,
    'USD' as currency
from source
