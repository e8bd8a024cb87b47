-- The seller's own code names the goods; its system of record outranks this one on what they are.
select
    min(row_number) as row_number,
    seller_sku as sku,
    max_by(product_name, last_updated_time) as title,
    max_by(last_updated_time, last_updated_time) as recorded_at
from source
group by seller_sku
