{%- set steps = ['reserved', 'unreserved', 'picked', 'unpicked', 'packed', 'shipped'] -%}
with

owned as (
    select * from {{ ref('int_ledger__events_lotted') }}
    where event_name like 'fulfilment_events.%'
),

site_steps as (
    select * from {{ ref('int_ledger__site_steps') }}
),

-- A site that declared its steps is held to them; of any other, each line's own events tell.
stepped as (
    select
        owned.event_id,
        owned.lot_number,
        split_part(owned.event_name, '.', 2) as event_type,
        owned.order_id,
        owned.order_line_id,
        owned.sku,
        owned.counted_sku,
        owned.lot_id,
        owned.location_id,
        owned.quantity,
        owned.ordered_quantity,
        owned.occurred_at,
        coalesce(
            site_steps.reports_pick,
            bool_or(owned.event_name = 'fulfilment_events.picked') over line_at_site
        ) as has_pick,
        coalesce(
            site_steps.reports_pack,
            bool_or(owned.event_name = 'fulfilment_events.packed') over line_at_site
        ) as has_pack,
    {% for bound, name in [('min', 'first'), ('max', 'last')] -%}
    {{ bound }}(
        case when owned.event_name = 'fulfilment_events.reserved' then owned.lot_id end
    ) over line_at_site as {{ name }}_reserved_lot_id{{ ',' if not loop.last }}
    {% endfor %}
    from owned
    inner join site_steps on owned.location_id = site_steps.location_id
    window line_at_site as (
        partition by owned.order_id, owned.order_line_id, owned.sku, owned.location_id
    )
),

staged as (
    select
        *,
        case event_type
            {% for step in steps -%}
            when '{{ step }}' then {{ loop.index }}
            {% endfor -%}
        end as step_rank,
        case event_type
            when 'reserved' then 'available'
            when 'unreserved' then 'reserved'
            when 'picked' then 'own_reservation'
            when 'unpicked' then 'picked'
            when 'packed' then case when has_pick then 'picked' else 'own_reservation' end
            when 'shipped'
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
            partition by order_id, order_line_id, counted_sku
            order by occurred_at, step_rank, event_id, lot_number
            rows between unbounded preceding and current row
        ) as shipped_so_far
    from staged
),

-- What a line holds reserved is spent in three steps: its reservation of the lot at hand, then of
-- no lot, then of another one.
{% set line = 'order_id, order_line_id, sku, location_id' -%}
{% set in_order = 'occurred_at, step_rank, event_id, lot_number' -%}
{{ floored_balance('reserving', line, 'reserved_change', in_order, 'by_line', 'taken_quantity') }},

{{ floored_balance(
    'by_line',
    line ~ ', lot_id',
    'case when lot_id is not null then reserved_change else 0 end',
    in_order,
    'by_lot',
    'own_lot_quantity',
) }},

{{ floored_balance(
    'by_lot',
    line,
    'case when reserved_change < 0 then reserved_change + least(own_lot_quantity, taken_quantity) '
    ~ 'when lot_id is null then reserved_change else 0 end',
    in_order,
    'by_no_lot',
    'no_lot_quantity',
) }},

-- what a pick in another lot has spent already is not there a second time
spent as (
    select
        * exclude (own_lot_quantity, no_lot_quantity),
        least(own_lot_quantity, taken_quantity) as own_lot_quantity,
        least(no_lot_quantity, taken_quantity - least(own_lot_quantity, taken_quantity))
            as no_lot_quantity
    from by_no_lot
),

measured as (
    select
        event_id,
        lot_number,
        event_type,
        lot_id,
        location_id,
        quantity,
        case when store = 'own_reservation' then 'reserved' else store end as first_state,
        case
            when store = 'own_reservation'
                then case when lot_id is null then no_lot_quantity else own_lot_quantity end
            when event_type = 'unreserved'
                then quantity - greatest(0, taken_quantity - own_lot_quantity - no_lot_quantity)
            else quantity
        end as first_quantity,
        -- a reservation of no lot or of another one is given back before the lot at hand is taken
        case
            when store = 'own_reservation' and lot_id is not null then no_lot_quantity else 0
        end as given_back_quantity,
        case
            when store in ('own_reservation', 'reserved')
                then greatest(0, taken_quantity - own_lot_quantity - no_lot_quantity)
            else 0
        end as other_lot_quantity,
        case
            when lot_id = last_reserved_lot_id then first_reserved_lot_id
            else last_reserved_lot_id
        end as other_lot_id,
        case
            when event_type = 'shipped' and ordered_quantity is not null
                then least(quantity, greatest(0, shipped_so_far - ordered_quantity))
            else 0
        end as excess_quantity
    from spent
),

parts as (
    select unnest([0, 1, 2, 3, 4, 5]) as part
),

-- What goes beyond the order comes out last: the line's own reservation serves the order.
divided as (
    select
        measured.*,
        parts.part,
        case parts.part
            when 0 then given_back_quantity
            when 1 then least(first_quantity, quantity - excess_quantity)
            when 2
                then
                    case
                        when event_type = 'unreserved' then 0
                        else greatest(0, quantity - excess_quantity - first_quantity)
                    end
            when 3 then greatest(0, first_quantity - (quantity - excess_quantity))
            when 4
                then excess_quantity - greatest(0, first_quantity - (quantity - excess_quantity))
            when 5 then other_lot_quantity
        end as part_quantity
    from measured
    cross join parts
),

final as (
    select
        event_id,
        lot_number * 10 + part as part,
        case when part in (0, 5) then 'unreserved' else event_type end as movement_type,
        case part when 0 then null when 5 then other_lot_id else lot_id end as lot_id,
        location_id as from_location_id,
        case
            when part in (0, 5) then 'reserved'
            when part in (1, 3) then first_state
            else 'available'
        end as from_state,
        location_id as to_location_id,
        case
            when part in (0, 5) then 'available'
            when event_type in ('unreserved', 'unpicked') then 'available'
            when event_type = 'shipped'
                then case when part in (3, 4) then 'suspense' else 'customer' end
            else event_type
        end as to_state,
        cast(part_quantity as bigint) as quantity
    from divided
    where part_quantity > 0
)

select * from final
