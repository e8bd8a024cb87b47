{{ judged_rows(
    'transfers',
    locations=['from_location_id', 'to_location_id'],
    line=['event_type'],
) }}
