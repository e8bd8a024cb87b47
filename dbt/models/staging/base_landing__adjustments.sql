{{ judged_rows('adjustments', locations=['location_id']) }}
