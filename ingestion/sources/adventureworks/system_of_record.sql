-- Only this system sees its dock, whatever another declares for every location.
select
    min(row_number) as row_number,
    '*' as event_type,
    'aw-receiving-dock' as location_id,
    'adventureworks' as system
from source
