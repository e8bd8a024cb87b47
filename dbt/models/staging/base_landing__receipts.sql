{{ judged_rows('receipts', locations=['location_id'], line=['event_type', 'po_line_id']) }}
