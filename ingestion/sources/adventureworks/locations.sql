select
    row_number,
    'aw-' || locationid as location_id,
    name,
    'warehouse' as kind,
    'US' as country,
    'America/Los_Angeles' as timezone
from source
union all
-- Purchase orders name no place of arrival and the stock file has no dock, so goods are received
-- and put away at one location of their own: booking them into a shop floor's location would
-- invent a place that the file does not state. The row rides on the file's first record.
select
    min(row_number) as row_number,
    'aw-receiving-dock' as location_id,
    'Receiving dock' as name,
    'warehouse' as kind,
    'US' as country,
    'America/Los_Angeles' as timezone
from source
