-- What is still open of each purchase order line: on its way, or not announced yet. What has come
-- is awaited no longer, whoever announced it, to which place, and be it afterwards.
with

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where po_id is not null
),

purchase_orders as (
    select * from {{ ref('stg_landing__purchase_orders') }}
),

inbound as (
    select
        po_id,
        po_line_id,
        sum(case when to_state = 'in_transit' then quantity else 0 end)
        - sum(case when from_state = 'in_transit' then quantity else 0 end)
            as in_transit_quantity,
        sum(case when movement_type = 'received' then quantity else 0 end)
        - sum(case when movement_type = 'rejected' then quantity else 0 end) as kept_quantity,
        min(case when movement_type = 'received' then occurred_at end) as first_received_at
    from movements
    group by po_id, po_line_id
),

opened as (
    select
        purchase_orders.*,
        greatest(0, coalesce(inbound.in_transit_quantity, 0)) as announced_quantity,
        greatest(0, purchase_orders.ordered_quantity - coalesce(inbound.kept_quantity, 0))
            as open_quantity,
        inbound.first_received_at
    from purchase_orders
    -- left: nothing may have moved yet
    left join inbound
        on
            purchase_orders.po_id = inbound.po_id
            and purchase_orders.po_line_id = inbound.po_line_id
),

-- how long a supplier has taken, else how long it says it takes
lead_times as (
    select
        supplier_id,
        coalesce(
            quantile_cont({{ seconds_between('ordered_at', 'first_received_at') }}, 0.9),
            quantile_cont({{ seconds_between('ordered_at', 'due_at') }}, 0.9)
        ) as p90_seconds
    from opened
    group by supplier_id
),

final as (
    select
        opened.po_id,
        opened.po_line_id,
        opened.supplier_id,
        opened.sku,
        opened.location_id,
        opened.status,
        cast(least(opened.announced_quantity, opened.open_quantity) as bigint)
            as in_transit_quantity,
        cast(greatest(0, opened.open_quantity - opened.announced_quantity) as bigint)
            as unannounced_quantity,
        opened.batch_id,
        opened.row_number,
        coalesce(opened.due_at, opened.ordered_at + to_seconds(lead_times.p90_seconds)) as due_at
    from opened
    -- left: an order may name no supplier
    left join lead_times on opened.supplier_id = lead_times.supplier_id
    where opened.open_quantity > 0
)

select * from final
