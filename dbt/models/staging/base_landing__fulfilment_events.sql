{{ judged_rows('fulfilment_events', locations=['location_id'], line=['event_type', 'line_id']) }}
