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

-- how many of a return or a transfer its other steps speak of
stepped as (
    select
        return_id,
        transfer_id,
        sku,
    {% for step, told in [
        ('sent', "event_name in ('transfers.shipped', 'returns.shipped_back')"),
        ('arrived', "event_name in ('transfers.received', 'returns.received')"),
        ('inspected', "event_name = 'returns.inspected'"),
        ('sound', "event_name = 'returns.inspected' and to_state = 'available'"),
        ('spoiled', "event_name = 'returns.inspected' and to_state = 'scrapped'"),
        ('settled', "event_name in ('returns.restocked', 'returns.scrapped')"),
    ] -%}
    sum(quantity) filter (where {{ told }}) as {{ step }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from owned
    where return_id is not null or transfer_id is not null
    group by return_id, transfer_id, sku
),

expected as (
    select
        owned.*,
        case owned.event_name
            when 'transfers.shipped' then stepped.arrived_quantity
            when 'transfers.received' then stepped.sent_quantity
            when 'returns.shipped_back' then stepped.arrived_quantity
            when 'returns.received'
                then greatest(
                    stepped.sent_quantity, stepped.inspected_quantity, stepped.settled_quantity
                )
            when 'returns.inspected' then stepped.arrived_quantity
            when 'returns.restocked'
                then case
                    when stepped.inspected_quantity is null then stepped.arrived_quantity
                    else stepped.sound_quantity
                end
            when 'returns.scrapped'
                then case
                    when stepped.inspected_quantity is null then stepped.arrived_quantity
                    else stepped.spoiled_quantity
                end
            else owned.ordered_quantity
        end as expected_quantity
    from owned
    -- left: most events are of neither
    left join stepped
        on
            owned.return_id is not distinct from stepped.return_id
            and owned.transfer_id is not distinct from stepped.transfer_id
            and owned.sku = stepped.sku
),

-- The same units of the same order line, return or transfer reported again under another key,
-- beyond what was ordered or its other steps speak of: one business event told twice.
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
            partition by
                event_name, order_id, order_line_id, po_id, po_line_id, return_id, transfer_id, sku
        ) as told_quantity
    from expected
),

final as (
    select
        * exclude (telling_number, told_quantity, expected_quantity),
        coalesce(
            telling_number > 1
            and coalesce(order_id, po_id, return_id, transfer_id) is not null
            and told_quantity > coalesce(expected_quantity, 0),
            false
        ) as is_told_twice
    from repeated
)

select * from final
