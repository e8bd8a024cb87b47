with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'receipts.%' and not is_told_twice
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

staged as (
    select
        owned.*,
        split_part(owned.event_name, '.', 2) as event_type,
        case owned.event_name
            when 'receipts.asn_shipped' then 1
            when 'receipts.received' then 2
            else 3
        end as step_rank,
        case when site_steps.reports_put_away then 'receiving' else 'available' end as dock_state
    from owned
    inner join site_steps on owned.location_id = site_steps.location_id
),

announcing as (
    select
        *,
        case event_type
            when 'asn_shipped' then quantity
            when 'received' then -quantity
            else 0
        end as announced_change,
        sum(case when event_type = 'received' then quantity else 0 end) over (
            partition by coalesce(po_id, event_id), po_line_id
            order by occurred_at, step_rank, event_id
            rows between unbounded preceding and current row
        ) as received_so_far
    from staged
),

{{ floored_balance(
    'announcing',
    'coalesce(po_id, event_id), po_line_id, sku, lot_id, location_id',
    'announced_change',
    'occurred_at, step_rank, event_id',
) }},

measured as (
    select
        *,
        case when event_type = 'received' then least(quantity, taken_quantity) else 0 end
            as from_announced_quantity,
        case
            when event_type = 'received' and ordered_quantity is not null
                then least(quantity, greatest(0, received_so_far - ordered_quantity))
            else 0
        end as excess_quantity
    from stored
),

parts as (
    select unnest([1, 2, 3]) as part
),

received as (
    select
        measured.event_id,
        parts.part,
        measured.location_id,
        case parts.part
            when 1 then 'in_transit' when 2 then 'supplier' when 3 then 'suspense'
        end as from_state,
        measured.dock_state,
        case parts.part
            when 1 then from_announced_quantity
            when 2 then greatest(0, quantity - from_announced_quantity - excess_quantity)
            when 3 then least(quantity - from_announced_quantity, excess_quantity)
        end as quantity
    from measured
    cross join parts
    where measured.event_type = 'received'
),

final as (
    select
        event_id,
        part,
        'received' as movement_type,
        location_id as from_location_id,
        from_state,
        location_id as to_location_id,
        dock_state as to_state,
        cast(quantity as bigint) as quantity
    from received
    where quantity > 0
    union all
    select
        event_id,
        1 as part,
        case event_type when 'asn_shipped' then 'po_shipped' else event_type end as movement_type,
        location_id as from_location_id,
        case event_type
            when 'asn_shipped' then 'supplier'
            when 'put_away' then 'receiving'
            when 'rejected' then dock_state
        end as from_state,
        location_id as to_location_id,
        case event_type
            when 'asn_shipped' then 'in_transit'
            when 'put_away' then 'available'
            when 'rejected' then 'supplier'
        end as to_state,
        quantity
    from staged
    where event_type in ('asn_shipped', 'put_away', 'rejected')
)

select * from final
