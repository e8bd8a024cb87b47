{{ judged_rows('returns', locations=['location_id'], line=['event_type', 'order_line_id']) }}
