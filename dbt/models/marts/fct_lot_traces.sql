-- Forward and back: a lot's rows name every supplier it came from, place that holds it and order
-- that got it; an order's rows name every lot in it. Received and corrected is held and shipped.
with

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where lot_id is not null
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
    where lot_id is not null
),

states as (
    select * from {{ ref('stock_states') }}
),

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

purchase_orders as (
    select * from {{ ref('stg_landing__purchase_orders') }}
),

received as (
    select
        movements.sku,
        movements.lot_id,
        'received' as trace_type,
        movements.to_location_id as location_id,
        cast(null as varchar) as state,
        movements.po_id,
        purchase_orders.supplier_id,
        cast(null as varchar) as order_id,
        cast(null as varchar) as order_line_id,
        cast(null as varchar) as customer_id,
        cast(sum(movements.quantity) as bigint) as quantity,
        min(movements.occurred_at) as first_at,
        max(movements.occurred_at) as last_at
    from movements
    -- left: goods may come without an order
    left join purchase_orders
        on
            movements.po_id = purchase_orders.po_id
            and movements.po_line_id = purchase_orders.po_line_id
    inner join states on movements.from_state = states.state
    where
        not states.is_physical
        and movements.movement_type in ('po_shipped', 'received', 'opening')
    group by all
),

-- found, lost, destroyed, refused or made into something else: what neither lies here nor left by
-- an order
corrected as (
    select
        entries.sku,
        entries.lot_id,
        'corrected' as trace_type,
        entries.location_id,
        entries.state,
        cast(null as varchar) as po_id,
        cast(null as varchar) as supplier_id,
        cast(null as varchar) as order_id,
        cast(null as varchar) as order_line_id,
        cast(null as varchar) as customer_id,
        cast(-sum(entries.quantity) as bigint) as quantity,
        min(entries.occurred_at) as first_at,
        max(entries.occurred_at) as last_at
    from entries
    inner join states on entries.state = states.state
    where
        not states.is_physical
        and entries.state != 'customer'
        and entries.movement_type != 'shipped'
        and not (
            entries.movement_type in ('po_shipped', 'received', 'opening') and entries.quantity < 0
        )
    group by all
    having sum(entries.quantity) != 0
),

held as (
    select
        entries.sku,
        entries.lot_id,
        'held' as trace_type,
        entries.location_id,
        entries.state,
        cast(null as varchar) as po_id,
        cast(null as varchar) as supplier_id,
        cast(null as varchar) as order_id,
        cast(null as varchar) as order_line_id,
        cast(null as varchar) as customer_id,
        cast(sum(entries.quantity) as bigint) as quantity,
        min(entries.occurred_at) as first_at,
        max(entries.occurred_at) as last_at
    from entries
    inner join states on entries.state = states.state
    where states.is_physical
    group by all
    having sum(entries.quantity) != 0
),

-- what an order got and has not sent back
shipped as (
    select
        movements.sku,
        movements.lot_id,
        'shipped' as trace_type,
        min(movements.from_location_id) filter (where movements.movement_type = 'shipped')
            as location_id,
        cast(null as varchar) as state,
        cast(null as varchar) as po_id,
        cast(null as varchar) as supplier_id,
        movements.order_id,
        movements.order_line_id,
        orders.customer_id,
        cast(
            sum(
                case
                    when movements.movement_type = 'shipped' then movements.quantity
                    when movements.from_state = 'customer' then -movements.quantity
                    else 0
                end
            ) as bigint
        ) as quantity,
        min(movements.occurred_at) as first_at,
        max(movements.occurred_at) as last_at
    from movements
    -- left: a shipment may be of an order nobody sent
    left join orders on movements.order_id = orders.order_id
    where
        movements.order_id is not null
        and (movements.movement_type = 'shipped' or movements.from_state = 'customer')
    group by
        movements.sku,
        movements.lot_id,
        movements.order_id,
        movements.order_line_id,
        orders.customer_id
),

final as (
    select * from received
    union all
    select * from corrected
    union all
    select * from held
    union all
    select * from shipped
)

select * from final
