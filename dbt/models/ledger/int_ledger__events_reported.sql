with

orders as (
    select * from {{ ref('stg_landing__orders') }}
),

order_lines as (
    select * from {{ ref('stg_landing__order_lines') }}
),

fulfilment_events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
),

receipts as (
    select * from {{ ref('stg_landing__receipts') }}
),

purchase_orders as (
    select * from {{ ref('stg_landing__purchase_orders') }}
),

transfers as (
    select * from {{ ref('stg_landing__transfers') }}
),

returns as (
    select * from {{ ref('stg_landing__returns') }}
),

adjustments as (
    select * from {{ ref('stg_landing__adjustments') }}
),

places as (
    select * from {{ ref('int_ledger__places_found') }}
),

kit_lines as (
    select * from {{ ref('int_ledger__kit_lines') }}
),

bills as (
    select * from {{ ref('dim_bills_of_materials') }}
),

commands as (
    select * from {{ ref('int_ledger__commands_decided') }}
    where command_type = 'record_adjustment' and status = 'approved'
),

order_feed as (
    select min(placed_at) as began_at from orders
),

fulfilment as (
    select
        'fulfilment_events.' || events.event_type as event_name,
        events.sku,
        events.lot_id,
        coalesce(
            events.location_id,
            places.location_id,
            order_lines.requested_location_id,
            'unknown'
        ) as location_id,
        null::varchar as to_location_id,
        events.bin_id,
        events.order_id,
        events.line_id as order_line_id,
        null::varchar as po_id,
        null::varchar as po_line_id,
        null::varchar as return_id,
        null::varchar as transfer_id,
        null::varchar as command_id,
        null::varchar as from_state,
        null::varchar as to_state,
        events.worker_id,
        events.worker_id as actor,
        events.reason,
        events.quantity,
        coalesce(
            order_lines.ordered_quantity,
            -- of an order nobody sent nothing was ordered, unless nobody sent orders then
            case when events.occurred_at >= order_feed.began_at then 0 end
        ) as ordered_quantity,
        events.source_system,
        events.source_event_key,
        events.batch_id,
        events.row_number,
        events.occurred_at,
        events.recorded_at,
        events.ingested_at
    from fulfilment_events as events
    cross join order_feed
    -- left: an event may arrive before its order; most events name their place
    left join order_lines
        on
            events.order_id = order_lines.order_id
            and events.line_id = order_lines.line_id
    left join places
        on
            places.feed = 'fulfilment_events'
            and events.source_system = places.source_system
            and events.source_event_key = places.source_event_key
            and events.event_type = places.event_type
            and events.line_id is not distinct from places.reference_line_id
    where
        events.event_type in (
            'reserved', 'unreserved', 'picked', 'unpicked', 'packed', 'shipped'
        )
),

inbound as (
    select
        'receipts.' || receipts.event_type as event_name,
        receipts.sku,
        receipts.lot_id,
        coalesce(
            receipts.location_id,
            places.location_id,
            purchase_orders.location_id,
            'unknown'
        ) as location_id,
        null::varchar as to_location_id,
        receipts.bin_id,
        null::varchar as order_id,
        null::varchar as order_line_id,
        receipts.po_id,
        receipts.po_line_id,
        null::varchar as return_id,
        null::varchar as transfer_id,
        null::varchar as command_id,
        null::varchar as from_state,
        null::varchar as to_state,
        null::varchar as worker_id,
        null::varchar as actor,
        receipts.reason,
        receipts.quantity,
        case
            when receipts.po_id is not null then coalesce(purchase_orders.ordered_quantity, 0)
        end as ordered_quantity,
        receipts.source_system,
        receipts.source_event_key,
        receipts.batch_id,
        receipts.row_number,
        receipts.occurred_at,
        receipts.recorded_at,
        receipts.ingested_at
    from receipts
    -- left: goods may arrive without an order; most events name their location
    left join purchase_orders
        on
            receipts.po_id = purchase_orders.po_id
            and receipts.po_line_id = purchase_orders.po_line_id
    left join places
        on
            places.feed = 'receipts'
            and receipts.source_system = places.source_system
            and receipts.source_event_key = places.source_event_key
            and receipts.event_type = places.event_type
            and receipts.po_line_id is not distinct from places.reference_line_id
    where receipts.event_type in ('asn_shipped', 'received', 'put_away', 'rejected')
),

transferred as (
    select
        'transfers.' || event_type as event_name,
        sku,
        lot_id,
        -- each end is told of by the site it is at
        case event_type when 'received' then to_location_id else from_location_id end
            as location_id,
        to_location_id,
        null::varchar as bin_id,
        null::varchar as order_id,
        null::varchar as order_line_id,
        null::varchar as po_id,
        null::varchar as po_line_id,
        null::varchar as return_id,
        transfer_id,
        null::varchar as command_id,
        null::varchar as from_state,
        null::varchar as to_state,
        null::varchar as worker_id,
        null::varchar as actor,
        null::varchar as reason,
        quantity,
        null::bigint as ordered_quantity,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        occurred_at,
        recorded_at,
        ingested_at
    from transfers
),

returned as (
    select
        'returns.' || returns.event_type as event_name,
        returns.sku,
        returns.lot_id,
        coalesce(returns.location_id, places.location_id, 'unknown') as location_id,
        null::varchar as to_location_id,
        null::varchar as bin_id,
        returns.order_id,
        returns.order_line_id,
        null::varchar as po_id,
        null::varchar as po_line_id,
        returns.return_id,
        null::varchar as transfer_id,
        null::varchar as command_id,
        null::varchar as from_state,
        returns.disposition as to_state,
        null::varchar as worker_id,
        null::varchar as actor,
        coalesce(returns.condition, returns.reason) as reason,
        returns.quantity,
        null::bigint as ordered_quantity,
        returns.source_system,
        returns.source_event_key,
        returns.batch_id,
        returns.row_number,
        returns.occurred_at,
        returns.recorded_at,
        returns.ingested_at
    from returns
    -- left: most events name their location
    left join places
        on
            places.feed = 'returns'
            and returns.source_system = places.source_system
            and returns.source_event_key = places.source_event_key
            and returns.event_type = places.event_type
            and returns.order_line_id is not distinct from places.reference_line_id
    where
        returns.event_type in (
            'shipped_back', 'received', 'inspected', 'restocked', 'scrapped'
        )
),

adjusted as (
    select
        'adjustments.adjusted' as event_name,
        sku,
        lot_id,
        location_id,
        null::varchar as to_location_id,
        bin_id,
        null::varchar as order_id,
        null::varchar as order_line_id,
        null::varchar as po_id,
        null::varchar as po_line_id,
        null::varchar as return_id,
        null::varchar as transfer_id,
        null::varchar as command_id,
        from_state,
        to_state,
        null::varchar as worker_id,
        actor,
        reason_code as reason,
        quantity,
        null::bigint as ordered_quantity,
        source_system,
        source_event_key,
        batch_id,
        row_number,
        occurred_at,
        recorded_at,
        ingested_at
    from adjustments
    where quantity != 0
),

commanded as (
    select
        'commands.record_adjustment' as event_name,
        {{ json_text('payload', 'sku') }} as sku,
        {{ json_text('payload', 'lot_id') }} as lot_id,
        {{ json_text('payload', 'location_id') }} as location_id,
        null::varchar as to_location_id,
        {{ json_text('payload', 'bin_id') }} as bin_id,
        null::varchar as order_id,
        null::varchar as order_line_id,
        null::varchar as po_id,
        null::varchar as po_line_id,
        null::varchar as return_id,
        null::varchar as transfer_id,
        command_id,
        {{ json_text('payload', 'from_state') }} as from_state,
        {{ json_text('payload', 'to_state') }} as to_state,
        null::varchar as worker_id,
        actor,
        concat_ws(': ', {{ json_text('payload', 'reason_code') }}, reason) as reason,
        cast({{ json_text('payload', 'quantity') }} as bigint) as quantity,
        null::bigint as ordered_quantity,
        'truestock' as source_system,
        command_id as source_event_key,
        batch_id,
        row_number,
        cast(cast({{ json_text('payload', 'occurred_at') }} as timestamptz) as timestamp)
            as occurred_at,
        effective_at as recorded_at,
        ingested_at
    from commands
),

reported as (
    select * from fulfilment
    union all
    select * from inbound
    union all
    select * from transferred
    union all
    select * from returned
    union all
    select * from adjusted
    union all
    select * from commanded
),

-- the bill in force when the order was placed serves all that is told of its line
kit_orders as (
    select
        order_lines.order_id,
        order_lines.line_id,
        orders.placed_at
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    semi join bills on order_lines.sku = bills.kit_sku
),

dated as (
    select
        reported.*,
        coalesce(kit_orders.placed_at, reported.occurred_at) as bill_at
    from reported
    -- left: few events are of a kit's line
    left join kit_orders
        on
            reported.order_id = kit_orders.order_id
            and reported.order_line_id = kit_orders.line_id
),

-- a kit that is not stocked as such moves as its components, whoever tells of it
exploded as (
    select
        dated.* exclude (sku, quantity, ordered_quantity, bill_at),
        coalesce(bills.component_sku, dated.sku) as sku,
        bills.component_sku,
        dated.sku as told_sku,
        (dated.quantity * coalesce(bills.component_quantity, 1))::bigint as quantity,
        (dated.ordered_quantity * coalesce(bills.component_quantity, 1))::bigint
            as ordered_quantity
    from dated
    -- left: few SKUs are kits
    left join bills
        on
            dated.sku = bills.kit_sku
            and not bills.is_stocked
            and dated.bill_at >= bills.valid_from
            and dated.bill_at < coalesce(bills.valid_to, timestamp '9999-12-31')
),

-- a component that goes out counts against what its line needs of it
counted as (
    select
        exploded.* exclude (component_sku, ordered_quantity),
        coalesce(exploded.component_sku, kit_lines.component_sku) as counted_sku,
        coalesce(kit_lines.needed_quantity, exploded.ordered_quantity) as ordered_quantity
    from exploded
    -- left: few lines are kits
    left join kit_lines
        on
            exploded.event_name like 'fulfilment_events.%'
            and exploded.order_id = kit_lines.order_id
            and exploded.order_line_id = kit_lines.line_id
            and exploded.sku = kit_lines.component_sku
),

final as (
    select
        md5(
            concat_ws(
                '|',
                event_name,
                source_system,
                source_event_key,
                'line ' || coalesce(po_line_id, order_line_id),
                case when sku != told_sku then sku end
            )
        ) as event_id,
        event_name,
        sku,
        told_sku,
        counted_sku,
        * exclude (event_name, sku, told_sku, counted_sku, quantity, ordered_quantity),
        quantity,
        ordered_quantity
    from counted
)

select * from final
