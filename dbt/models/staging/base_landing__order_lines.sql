{{ judged_rows('order_lines', price='unit_price', revisable_by=['order_id', 'line_id']) }}
