{{ judged_rows('purchase_orders', price='unit_cost', revisable_by=['po_id', 'line_id']) }}
