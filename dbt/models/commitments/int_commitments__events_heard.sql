-- Echoes count nowhere: only what the system of record tells of a step happened.
with

events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'fulfilment_events.%' and not is_told_twice
),

owners as (
    select * from {{ ref('int_ledger__owners_resolved') }}
),

moving as (
    select events.*
    from events
    semi join owned
        on
            events.source_system = owned.source_system
            and events.source_event_key = owned.source_event_key
            and events.line_id is not distinct from owned.order_line_id
            and 'fulfilment_events.' || events.event_type = owned.event_name
),

observed as (
    select
        events.*,
        owners.is_declared,
        events.source_system = owners.owner_system as is_owners
    from events
    inner join owners
        on
            'fulfilment_events.' || events.event_type = owners.event_name
            and coalesce(events.location_id, 'unknown') = owners.location_id
    where
        events.event_type in ('short_picked', 'pack_verified', 'delivered', 'delivery_failed')
),

-- Where nobody declared who tells of deliveries, each line is heard from one system: a carrier
-- knows its own parcels only.
believed as (
    select * exclude (is_declared, is_owners)
    from observed
    where
        is_owners
        or (not is_declared and event_type in ('delivered', 'delivery_failed'))
    qualify
        rank() over (
            partition by event_type, order_id, line_id
            order by is_owners desc, source_system asc
        ) = 1
        and row_number() over (
            partition by
                event_type, source_system, order_id, line_id, sku, lot_id, location_id, bin_id,
                tracking_number, quantity, occurred_at
            order by recorded_at, source_event_key
        ) = 1
),

heard as (
    select * from moving
    union all
    select * from believed
),

final as (
    select
        event_type,
        order_id,
        line_id,
        sku,
        location_id,
        bin_id,
        lot_id,
        worker_id,
        scanned_code,
        tracking_number,
        quantity,
        task_started_at,
        source_system,
        source_event_key,
        occurred_at
    from heard
)

select * from final
