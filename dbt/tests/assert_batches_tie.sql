-- Every physical record ended as loaded, duplicate or quarantined.
select *
from {{ ref('meta_batches') }}
where physical_count != loaded_count + duplicate_count + quarantined_count
