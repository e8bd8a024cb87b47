{{ judged_rows('receipts', locations=['location_id']) }}
