with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

receipts as (
    select * from {{ ref('fct_receipts') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

fulfilment_events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
),

balances as (
    select * from {{ ref('fct_stock_balances') }}
),

clock as (
    select * from {{ ref('clock') }}
),

negative_balances as (
    select
        'negative_balance' as exception_type,
        'warning' as severity,
        concat_ws(' · ', location_id, sku, state) as subject,
        sku,
        location_id,
        quantity,
        amount,
        'The ' || state || ' balance of ' || sku || ' at ' || location_id || ' is '
        || quantity || '. Count it, then record an adjustment.' as detail,
        cast(null as varchar) as evidence,
        last_moved_at as first_seen_at
    from balances
    where is_physical and quantity < 0
),

flagged_movements as (
    select
        flag as exception_type,
        case when flag = 'illegal_transition' then 'warning' else 'info' end as severity,
        movement_id as subject,
        sku,
        from_location_id as location_id,
        quantity,
        cast(null as decimal(18, 4)) as amount,
        movement_type || ' of ' || quantity || ' ' || sku || ' from ' || from_state || ' to '
        || to_state || ' by ' || source_system || ' is booked and flagged ' || flag || '.'
            as detail,
        source_event_key as evidence,
        occurred_at as first_seen_at
    from movements
    where flag is not null and flag not in ('negative_balance', 'beyond_order')
),

suspended as (
    select
        'beyond_order' as exception_type,
        'warning' as severity,
        movement_id as subject,
        sku,
        from_location_id as location_id,
        quantity,
        cast(null as decimal(18, 4)) as amount,
        quantity || ' ' || sku || ' were ' || movement_type || ' beyond what '
        || coalesce('order ' || order_id, 'purchase order ' || po_id, 'anybody')
        || ' asked for; they wait in suspense for an explanation.' as detail,
        source_event_key as evidence,
        occurred_at as first_seen_at
    from movements
    where from_state = 'suspense' or to_state = 'suspense'
),

told_twice as (
    select
        'duplicate_event' as exception_type,
        'warning' as severity,
        source_system || ' · ' || source_event_key as subject,
        sku,
        location_id,
        quantity,
        cast(null as decimal(18, 4)) as amount,
        source_system || ' told of one ' || event_name || ' twice; the second telling, '
        || source_event_key || ', is kept and not booked.' as detail,
        source_event_key as evidence,
        occurred_at as first_seen_at
    from owned
    where is_told_twice
),

short_receipts as (
    select
        'short_receipt' as exception_type,
        'warning' as severity,
        po_id || ' · ' || po_line_id as subject,
        sku,
        location_id,
        ordered_quantity - received_quantity as quantity,
        cast((ordered_quantity - received_quantity) * unit_cost_amount as decimal(18, 4))
            as amount,
        'Received ' || received_quantity || ' of ' || ordered_quantity || ' ordered from '
        || supplier_id || '.' as detail,
        cast(null as varchar) as evidence,
        last_received_at as first_seen_at
    from receipts
    where received_quantity > 0 and received_quantity < ordered_quantity
),

pending_received as (
    select
        'pending_order_received' as exception_type,
        'warning' as severity,
        po_id as subject,
        case when count(distinct sku) = 1 then max(sku) end as sku,
        max(location_id) as location_id,
        cast(sum(received_quantity - rejected_quantity) as bigint) as quantity,
        cast(
            sum((received_quantity - rejected_quantity) * unit_cost_amount) as decimal(18, 4)
        ) as amount,
        'Purchase order ' || po_id || ' is still pending in ' || max(source_system)
        || ' although it holds ' || sum(received_quantity - rejected_quantity)
        || ' units received and kept.' as detail,
        cast(null as varchar) as evidence,
        min(first_received_at) as first_seen_at
    from receipts
    where lower(status) = 'pending' and received_quantity > 0
    group by po_id
),

never_received as (
    select
        'purchase_line_not_received' as exception_type,
        case when due_at < clock.as_of_at then 'warning' else 'info' end as severity,
        po_id || ' · ' || po_line_id as subject,
        sku,
        location_id,
        ordered_quantity as quantity,
        cast(ordered_quantity * unit_cost_amount as decimal(18, 4)) as amount,
        'Nothing of the ' || ordered_quantity || ' ordered from ' || supplier_id
        || ' has been received' || coalesce('; it was due ' || cast(due_at as date), '') || '.'
            as detail,
        cast(null as varchar) as evidence,
        coalesce(due_at, ordered_at) as first_seen_at
    from receipts
    cross join clock
    where received_quantity = 0 and coalesce(due_at, ordered_at) < clock.as_of_at
),

mismatched_lines as (
    select
        'line_mismatch' as exception_type,
        'warning' as severity,
        order_lines.order_id || ' · ' || order_lines.line_id as subject,
        order_lines.sku,
        events.location_id,
        events.quantity,
        cast(events.quantity * order_lines.unit_price as decimal(18, 4)) as amount,
        'Line ' || order_lines.line_id || ' of order ' || order_lines.order_id || ' asks for '
        || order_lines.ordered_quantity || ' ' || order_lines.sku || '; ' || events.source_system
        || ' reports ' || events.event_type || ' of ' || events.quantity || ' ' || events.sku
        || '.' as detail,
        events.source_event_key as evidence,
        events.occurred_at as first_seen_at
    from fulfilment_events as events
    inner join order_lines
        on
            events.order_id = order_lines.order_id
            and events.line_id = order_lines.line_id
    where events.sku != order_lines.sku
),

overheld_lines as (
    select
        'line_mismatch' as exception_type,
        'warning' as severity,
        order_id || ' · ' || line_id as subject,
        sku,
        location_id,
        reserved_quantity + picked_quantity + packed_quantity + shipped_quantity
        - ordered_quantity as quantity,
        cast(
            (
                reserved_quantity + picked_quantity + packed_quantity + shipped_quantity
                - ordered_quantity
            ) * unit_price as decimal(18, 4)
        ) as amount,
        'Line ' || line_id || ' of order ' || order_id || ' asks for ' || ordered_quantity || ' '
        || sku || '; reserved, picked, packed and shipped for it are '
        || (reserved_quantity + picked_quantity + packed_quantity + shipped_quantity) || '.'
            as detail,
        cast(null as varchar) as evidence,
        placed_at as first_seen_at
    from order_lines
    where
        reserved_quantity + picked_quantity + packed_quantity + shipped_quantity
        > ordered_quantity
),

gathered as (
    {% for kind in [
        'negative_balances', 'flagged_movements', 'suspended', 'told_twice', 'short_receipts',
        'pending_received', 'never_received', 'mismatched_lines', 'overheld_lines',
    ] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        md5(concat_ws('|', gathered.exception_type, gathered.subject, gathered.evidence))
            as exception_id,
        gathered.*
    from gathered
)

select * from final
