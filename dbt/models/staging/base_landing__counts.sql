{{ judged_rows('counts', locations=['location_id'], quantity='counted_quantity') }}
