-- What an owned event states is what its movements move: nothing lost, nothing booked twice.
with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

relotted as (
    select movements.movement_id
    from movements
    inner join owned on movements.event_id = owned.event_id
    where
        movements.movement_type = 'unreserved'
        and owned.event_name != 'fulfilment_events.unreserved'
),

moved as (
    select
        event_id,
        sum(quantity) as quantity
    from movements
    -- a reservation given back for another lot moves the same units once more
    where movement_id not in (select relotted.movement_id from relotted)
    group by event_id
)

select
    owned.event_id,
    owned.event_name,
    owned.quantity as stated_quantity,
    moved.quantity as moved_quantity
from owned
-- left: an unbooked event is what this test looks for
left join moved on owned.event_id = moved.event_id
where
    not owned.is_told_twice
    and owned.event_name != 'returns.inspected'
    and abs(owned.quantity) != coalesce(moved.quantity, 0)
