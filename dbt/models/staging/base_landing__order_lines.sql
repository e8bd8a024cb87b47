{{ judged_rows('order_lines', revisable_by=['order_id', 'line_id']) }}
