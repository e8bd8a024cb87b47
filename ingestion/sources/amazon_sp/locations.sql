-- Amazon names no building: a summary is about everything it holds for one marketplace.
select
    min(row_number) as row_number,
    'amazon-' || lower(granularity_id) as location_id,
    'Amazon ' || granularity_type || ' ' || granularity_id as name,
    'marketplace_fc' as kind
from source
group by granularity_id, granularity_type
