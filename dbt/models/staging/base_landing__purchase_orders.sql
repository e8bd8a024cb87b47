{{ judged_rows('purchase_orders', revisable_by=['po_id', 'line_id']) }}
