-- StockedQty is a put-away; the dock picks, packs and reserves nothing.
select
    min(row_number) as row_number,
    'aw-receiving-dock' as location_id,
    'put_away' as step
from source
