{{ judged_rows('fulfilment_events', locations=['location_id']) }}
