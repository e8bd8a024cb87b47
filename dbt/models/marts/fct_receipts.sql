with

purchase_orders as (
    select * from {{ ref('stg_landing__purchase_orders') }}
),

receipts as (
    select * from {{ ref('stg_landing__receipts') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'receipts.%' and po_id is not null and not is_told_twice
),

arrived as (
    select
        po_id,
        po_line_id,
        min(occurred_at) as first_arrived_at
    from receipts
    where event_type = 'arrived'
    group by po_id, po_line_id
),

summed as (
    select
        po_id,
        po_line_id,
        {% for event_type in ['asn_shipped', 'received', 'rejected', 'put_away'] -%}
        cast(
            sum(case when event_name = 'receipts.{{ event_type }}' then quantity else 0 end)
            as bigint
        ) as {{ event_type }}_quantity,
        {% endfor -%}
        {{ latest_by('location_id', 'occurred_at') }} as location_id,
        min(occurred_at) filter (where event_name = 'receipts.received') as first_received_at,
        max(occurred_at) filter (where event_name = 'receipts.received') as last_received_at,
        max(occurred_at) filter (where event_name = 'receipts.put_away') as last_put_away_at
    from owned
    group by po_id, po_line_id
),

final as (
    select
        purchase_orders.po_id,
        purchase_orders.po_line_id,
        purchase_orders.supplier_id,
        purchase_orders.sku,
        coalesce(summed.location_id, purchase_orders.location_id) as location_id,
        purchase_orders.status,
        purchase_orders.ordered_quantity,
        coalesce(summed.asn_shipped_quantity, 0) as announced_quantity,
        coalesce(summed.received_quantity, 0) as received_quantity,
        coalesce(summed.rejected_quantity, 0) as rejected_quantity,
        coalesce(summed.put_away_quantity, 0) as put_away_quantity,
        coalesce(summed.received_quantity, 0) - purchase_orders.ordered_quantity
            as difference_quantity,
        purchase_orders.unit_cost_amount,
        purchase_orders.ordered_at,
        purchase_orders.first_due_at,
        purchase_orders.due_at,
        arrived.first_arrived_at,
        summed.first_received_at,
        summed.last_received_at,
        summed.last_put_away_at,
        purchase_orders.source_system,
        purchase_orders.batch_id,
        purchase_orders.row_number
    from purchase_orders
    -- left: an order may still wait for its goods
    left join summed
        on
            purchase_orders.po_id = summed.po_id
            and purchase_orders.po_line_id = summed.po_line_id
    left join arrived
        on
            purchase_orders.po_id = arrived.po_id
            and purchase_orders.po_line_id = arrived.po_line_id
)

select * from final
