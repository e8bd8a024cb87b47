with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'fulfilment_events.%' and not is_told_twice
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

-- A site that declared its steps is held to them; of any other, each line's own events tell.
stepped as (
    select
        owned.*,
        coalesce(
            site_steps.reports_pick,
            bool_or(owned.event_name = 'fulfilment_events.picked') over line_at_site
        ) as has_pick,
        coalesce(
            site_steps.reports_pack,
            bool_or(owned.event_name = 'fulfilment_events.packed') over line_at_site
        ) as has_pack
    from owned
    inner join site_steps on owned.location_id = site_steps.location_id
    window line_at_site as (
        partition by owned.order_id, owned.order_line_id, owned.sku, owned.location_id
    )
),

staged as (
    select
        *,
        case split_part(event_name, '.', 2)
            when 'reserved' then 1
            when 'unreserved' then 2
            when 'picked' then 3
            when 'unpicked' then 4
            when 'packed' then 5
            when 'shipped' then 6
        end as step_rank,
        split_part(event_name, '.', 2) as event_type,
        case event_name
            when 'fulfilment_events.reserved' then 'available'
            when 'fulfilment_events.unreserved' then 'reserved'
            when 'fulfilment_events.picked' then 'own_reservation'
            when 'fulfilment_events.unpicked' then 'picked'
            when 'fulfilment_events.packed'
                then case when has_pick then 'picked' else 'own_reservation' end
            when 'fulfilment_events.shipped'
                then
                    case
                        when has_pack then 'packed'
                        when has_pick then 'picked'
                        else 'own_reservation'
                    end
        end as store
    from stepped
),

reserving as (
    select
        *,
        case
            when event_type = 'reserved' then quantity
            when store in ('own_reservation', 'reserved') then -quantity
            else 0
        end as reserved_change,
        sum(case when event_type = 'shipped' then quantity else 0 end) over (
            partition by order_id, order_line_id
            order by occurred_at, step_rank, event_id
            rows between unbounded preceding and current row
        ) as shipped_so_far
    from staged
),

{{ floored_balance(
    'reserving',
    'order_id, order_line_id, sku, location_id',
    'reserved_change',
    'occurred_at, step_rank, event_id',
) }},

measured as (
    select
        event_id,
        event_type,
        location_id,
        quantity,
        case when store = 'own_reservation' then 'reserved' else store end as first_state,
        case
            when store = 'own_reservation' then least(quantity, taken_quantity) else quantity
        end as first_quantity,
        case
            when event_type = 'shipped' and ordered_quantity is not null
                then least(quantity, greatest(0, shipped_so_far - ordered_quantity))
            else 0
        end as excess_quantity
    from stored
),

parts as (
    select unnest([1, 2, 3, 4]) as part
),

-- What goes beyond the order comes out last: the line's own reservation serves the order.
divided as (
    select
        measured.event_id,
        measured.event_type,
        measured.location_id,
        parts.part,
        case when parts.part in (1, 3) then measured.first_state else 'available' end
            as from_state,
        parts.part in (3, 4) as is_excess,
        case parts.part
            when 1 then least(first_quantity, quantity - excess_quantity)
            when 2 then greatest(0, quantity - excess_quantity - first_quantity)
            when 3 then greatest(0, first_quantity - (quantity - excess_quantity))
            when 4
                then excess_quantity - greatest(0, first_quantity - (quantity - excess_quantity))
        end as quantity
    from measured
    cross join parts
),

final as (
    select
        event_id,
        part,
        event_type as movement_type,
        location_id as from_location_id,
        from_state,
        location_id as to_location_id,
        case event_type
            when 'reserved' then 'reserved'
            when 'unreserved' then 'available'
            when 'picked' then 'picked'
            when 'unpicked' then 'available'
            when 'packed' then 'packed'
            when 'shipped' then case when is_excess then 'suspense' else 'customer' end
        end as to_state,
        cast(quantity as bigint) as quantity
    from divided
    where quantity > 0
)

select * from final
