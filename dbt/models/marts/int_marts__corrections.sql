-- Stock found or lost without another event, as the ledger booked it.
with

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where from_state = 'found' or to_state = 'lost'
),

final as (
    select
        movement_id,
        coalesce(to_location_id, from_location_id) as location_id,
        sku,
        lot_id,
        command_id,
        source_system,
        actor,
        reason,
        cast(case when to_state = 'lost' then -quantity else quantity end as bigint) as quantity,
        occurred_at
    from movements
)

select * from final
