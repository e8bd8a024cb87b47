with

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

owners as (
    select * from {{ ref('int_ledger__owners_resolved') }}
),

contested as (
    select * from {{ ref('int_ledger__events_contested') }}
),

owned as (
    select reported.*
    from reported
    inner join owners
        on
            reported.event_name = owners.event_name
            and reported.location_id = owners.location_id
    -- left: nearly everywhere somebody is declared, or one system tells
    left join contested on reported.event_id = contested.event_id
    where coalesce(not contested.is_echo, reported.source_system = owners.owner_system)
),

-- The same units of the same order line reported again under another key, beyond what was
-- ordered: one business event told twice.
repeated as (
    select
        *,
        row_number() over (
            partition by
                event_name, order_id, order_line_id, po_id, po_line_id, return_id, transfer_id,
                sku, lot_id, bin_id, location_id, occurred_at, quantity
            order by recorded_at, source_event_key
        ) as telling_number,
        sum(quantity) over (
            partition by event_name, order_id, order_line_id, po_id, po_line_id, sku
        ) as told_quantity
    from owned
),

final as (
    select
        * exclude (telling_number, told_quantity),
        coalesce(
            telling_number > 1
            and coalesce(order_id, po_id, return_id, transfer_id) is not null
            and told_quantity > coalesce(ordered_quantity, 0),
            false
        ) as is_told_twice
    from repeated
)

select * from final
