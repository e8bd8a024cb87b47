with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

ordered as (
    select * from {{ ref('stg_landing__order_lines') }}
),

fulfilment_events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
),

breaches as (
    select * from {{ ref('fct_conformance_breaches') }}
    where not is_told_twice
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
),

stranded as (
    select * from {{ ref('int_control__reservations_stranded') }}
),

channels as (
    select * from {{ ref('dim_channels') }}
),

out_of_step as (
    select
        'step_' || breach as exception_type,
        case when breach in ('after_cancellation', 'repeated') then 'warning' else 'info' end
            as severity,
        concat_ws(' · ', 'order ' || order_id, line_id, sku) as subject,
        sku,
        location_id,
        quantity,
        cast(null as decimal(38, 4)) as amount,
        'Line ' || line_id || ' of order ' || order_id || ' was ' || step
        || case breach
            when 'skipped' then ' without being ' || expected_step
            when 'backwards' then ' before it was ' || expected_step
            when 'repeated' then ' again, beyond what it asks for'
            when 'after_cancellation' then ' after the order was cancelled'
            else ' before the order was placed'
        end || ' ('
        || {{ evidence_id('source_system', "'fulfilment_events.' || step", 'source_event_key') }}
        || ').' as detail,
        {{ evidence_id('source_system', "'fulfilment_events.' || step", 'source_event_key') }}
            as evidence,
        occurred_at as first_seen_at
    from breaches
),

mismatched_lines as (
    select
        'line_mismatch' as exception_type,
        'warning' as severity,
        order_lines.order_id || ' · ' || order_lines.line_id as subject,
        order_lines.sku,
        events.location_id,
        events.quantity,
        cast(events.quantity * order_lines.unit_price as decimal(38, 4)) as amount,
        'Line ' || order_lines.line_id || ' of order ' || order_lines.order_id || ' asks for '
        || order_lines.ordered_quantity || ' ' || order_lines.sku || '; ' || events.source_system
        || ' reports ' || events.event_type || ' of ' || events.quantity || ' ' || events.sku
        || '.' as detail,
        {{ evidence_id(
            'events.source_system', "'fulfilment_events.' || events.event_type",
            'events.source_event_key',
        ) }} as evidence,
        events.occurred_at as first_seen_at
    from fulfilment_events as events
    inner join order_lines
        on
            events.order_id = order_lines.order_id
            and events.line_id = order_lines.line_id
    anti join kit_lines
        on
            events.order_id = kit_lines.order_id
            and events.line_id = kit_lines.line_id
            and events.sku = kit_lines.component_sku
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
            ) * unit_price as decimal(38, 4)
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

stranded_units as (
    select
        'units_held_' || cause as exception_type,
        'warning' as severity,
        concat_ws(' · ', 'order ' || order_id, line_id, sku, location_id, state) as subject,
        sku,
        location_id,
        quantity,
        cast(null as decimal(38, 4)) as amount,
        quantity || ' ' || sku || ' are ' || state || ' at ' || location_id || ' for line '
        || line_id || ' of order ' || order_id
        || case cause
            when 'cancelled' then ', which is cancelled. Put them back and free them.'
            else
                ', and the pick did not find them. Nobody else is promised them, and the line does '
                || 'not wait for others: count them, and free the reservation.'
        end as detail,
        cast(null as varchar) as evidence,
        stranded_at as first_seen_at
    from stranded
),

lines_without_order as (
    select
        'order_line_without_order' as exception_type,
        'warning' as severity,
        ordered.order_id || ' · ' || ordered.line_id as subject,
        ordered.sku,
        ordered.requested_location_id as location_id,
        ordered.ordered_quantity as quantity,
        cast(ordered.ordered_quantity * ordered.unit_price_amount as decimal(38, 4)) as amount,
        'Line ' || ordered.line_id || ' of order ' || ordered.order_id || ' for '
        || ordered.ordered_quantity || ' ' || ordered.sku
        || ' has no order header. It is no demand until ' || ordered.source_system
        || ' sends the order.' as detail,
        {{ evidence_id('ordered.source_system', "'order_lines'", 'ordered.source_event_key') }}
            as evidence,
        ordered.recorded_at as first_seen_at
    from ordered
    anti join orders on ordered.order_id = orders.order_id
),

orders_without_lines as (
    select
        'order_without_lines' as exception_type,
        'warning' as severity,
        orders.order_id as subject,
        cast(null as varchar) as sku,
        cast(null as varchar) as location_id,
        cast(null as bigint) as quantity,
        cast(null as decimal(38, 4)) as amount,
        'Order ' || orders.order_id || ' has no line. Nothing can ship until '
        || orders.source_system || ' sends its lines.' as detail,
        cast(null as varchar) as evidence,
        orders.placed_at as first_seen_at
    from orders
    anti join ordered on orders.order_id = ordered.order_id
),

unclear_holds as (
    select
        'status_unclear' as exception_type,
        'warning' as severity,
        order_lines.order_id as subject,
        cast(null as varchar) as sku,
        cast(null as varchar) as location_id,
        order_lines.open_quantity as quantity,
        cast(order_lines.open_quantity * order_lines.unit_price as decimal(38, 4)) as amount,
        'Order ' || order_lines.order_id || ' is held: its payment is '''
        || orders.payment_status || ''' and its fraud check ''' || orders.fraud_status
        || ''', and nobody said what that means. Map it in the source, or list it in order_holds.'
            as detail,
        cast(null as varchar) as evidence,
        order_lines.placed_at as first_seen_at
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    where
        order_lines.hold_reason in ('payment_unclear', 'fraud_unclear')
        and order_lines.open_quantity > 0
),

unknown_channels as (
    select
        'unknown_channel' as exception_type,
        'warning' as severity,
        'channel ' || order_lines.channel_id as subject,
        cast(null as varchar) as sku,
        cast(null as varchar) as location_id,
        cast(sum(order_lines.open_quantity) as bigint) as quantity,
        cast(sum(order_lines.open_quantity * order_lines.unit_price) as decimal(38, 4)) as amount,
        'No channel ' || order_lines.channel_id || ' is known. Orders that came through it: '
        || count(distinct order_lines.order_id) || ', the first of them ' || min_by(
            order_lines.order_id, row(order_lines.placed_at, order_lines.order_id)
        )
        || '. They are demand all the same: what is open is planned after every other channel and '
        || 'under no rule, buffer or ring-fence of its own.' as detail,
        cast(null as varchar) as evidence,
        min(order_lines.placed_at) as first_seen_at
    from order_lines
    anti join channels on order_lines.channel_id = channels.channel_id
    group by order_lines.channel_id
),

final as (
    {% for kind in [
        'out_of_step', 'mismatched_lines', 'overheld_lines', 'stranded_units',
        'lines_without_order', 'orders_without_lines', 'unclear_holds', 'unknown_channels',
    ] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
