-- Owned events by the lots they name, or carry.
with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where not is_told_twice
),

lots_carried as (
    select * from {{ ref('int_ledger__lots_carried') }}
),

final as (
    select
        owned.* exclude (lot_id, quantity),
        coalesce(lots_carried.lot_number, 0) as lot_number,
        coalesce(owned.lot_id, lots_carried.lot_id) as lot_id,
        coalesce(lots_carried.quantity, owned.quantity) as quantity
    from owned
    -- left: few events carry lots they do not name
    left join lots_carried on owned.event_id = lots_carried.event_id
)

select * from final
