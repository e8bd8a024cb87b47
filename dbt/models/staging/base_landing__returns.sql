{{ judged_rows('returns', locations=['location_id']) }}
