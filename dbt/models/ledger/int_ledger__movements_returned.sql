with

owned as (
    select * from {{ ref('int_ledger__events_lotted') }}
    where event_name like 'returns.%'
),

staged as (
    select
        *,
        split_part(event_name, '.', 2) as event_type,
        case when event_name = 'returns.shipped_back' then 1 else 2 end as step_rank,
        -- goods on their way back wait where they were announced, wherever they turn up
        max(case when event_name = 'returns.shipped_back' then location_id end) over (
            partition by return_id, order_line_id, sku
        ) as announced_location_id,
        case event_name
            when 'returns.shipped_back' then quantity
            when 'returns.received' then -quantity
            else 0
        end as announced_change
    from owned
),

{{ floored_balance(
    'staged',
    'return_id, order_line_id, sku, lot_id',
    'announced_change',
    'occurred_at, step_rank, event_id, lot_number',
) }},

parts as (
    select unnest([1, 2]) as part
),

received as (
    select
        stored.event_id,
        stored.lot_number * 10 + parts.part as part,
        stored.lot_id,
        stored.location_id,
        case parts.part
            when 1 then coalesce(stored.announced_location_id, stored.location_id)
            else stored.location_id
        end as from_location_id,
        case parts.part when 1 then 'return_in_transit' when 2 then 'customer' end as from_state,
        case parts.part
            when 1 then least(quantity, taken_quantity)
            when 2 then quantity - least(quantity, taken_quantity)
        end as quantity
    from stored
    cross join parts
    where stored.event_type = 'received'
),

final as (
    select
        event_id,
        part,
        'return_received' as movement_type,
        lot_id,
        from_location_id,
        from_state,
        location_id as to_location_id,
        'returned' as to_state,
        quantity
    from received
    where quantity > 0
    union all
    select
        event_id,
        lot_number * 10 + 1 as part,
        case event_type when 'shipped_back' then 'return_announced' else 'disposition' end
            as movement_type,
        lot_id,
        location_id as from_location_id,
        case event_type when 'shipped_back' then 'customer' else 'returned' end as from_state,
        location_id as to_location_id,
        case event_type
            when 'shipped_back' then 'return_in_transit'
            when 'restocked' then 'available'
            when 'scrapped' then 'scrapped'
            when 'inspected' then to_state
        end as to_state,
        quantity
    from staged
    where
        event_type in ('shipped_back', 'restocked', 'scrapped')
        -- an inspection that sells or destroys is followed by its own event
        or (event_type = 'inspected' and to_state in ('quarantined', 'damaged'))
)

select * from final
