with

booked as (
    select * from {{ ref('int_ledger__movements_booked') }}
),

states as (
    select * from {{ ref('stock_states') }}
),

entries as (
    select
        from_location_id as location_id,
        sku,
        lot_id,
        from_state as state,
        -quantity as quantity,
        movement_id,
        occurred_at
    from booked
    union all
    select
        to_location_id as location_id,
        sku,
        lot_id,
        to_state as state,
        quantity,
        movement_id,
        occurred_at
    from booked
),

-- range, not rows: within one instant the order of events must not matter
balanced as (
    select
        entries.movement_id,
        entries.location_id,
        entries.sku,
        entries.lot_id,
        entries.state,
        entries.quantity,
        entries.occurred_at,
        -- units of no named lot are short only where the SKU is
        cast(
            case
                when entries.lot_id is null
                    then
                        sum(entries.quantity) over (
                            partition by entries.location_id, entries.state, entries.sku
                            order by entries.occurred_at
                            range between unbounded preceding and current row
                        )
                else
                    sum(entries.quantity) over (
                        partition by
                            entries.location_id, entries.state, entries.sku, entries.lot_id
                        order by entries.occurred_at
                        range between unbounded preceding and current row
                    )
            end as bigint
        ) as balance_after
    from entries
    inner join states on entries.state = states.state
    where states.is_physical
),

final as (
    select
        movement_id,
        location_id,
        sku,
        lot_id,
        state,
        balance_after,
        occurred_at
    from balanced
    where quantity < 0 and balance_after < 0
)

select * from final
