-- A pick that took a later lot although an earlier one lay free and sellable in the same place.
with

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where lot_id is not null
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
    where lot_id is not null and state = 'available'
),

lots as (
    select * from {{ ref('dim_lots') }}
    where expires_on is not null
),

-- the goods leave their bin in the pick, or at a site that reports none in the next step
taken as (
    select
        movements.event_id,
        any_value(movements.sku) as sku,
        any_value(movements.lot_id) as lot_id,
        any_value(movements.from_location_id) as location_id,
        any_value(movements.order_id) as order_id,
        any_value(movements.order_line_id) as order_line_id,
        any_value(movements.worker_id) as worker_id,
        cast(sum(movements.quantity) as bigint) as quantity,
        any_value(movements.source_event_key) as source_event_key,
        any_value(movements.occurred_at) as occurred_at
    from movements
    where
        movements.from_state in ('available', 'reserved')
        and movements.movement_type in ('picked', 'packed', 'shipped')
    group by movements.event_id, movements.lot_id
),

changed as (
    select
        location_id,
        sku,
        lot_id,
        occurred_at,
        sum(quantity) as change
    from entries
    group by location_id, sku, lot_id, occurred_at
),

free as (
    select
        changed.location_id,
        changed.sku,
        changed.lot_id,
        lots.expires_on,
        sum(changed.change) over lot_so_far as free_quantity,
        changed.occurred_at as valid_from,
        lead(changed.occurred_at, 1, timestamp '9999-12-31') over lot_so_far as valid_to
    from changed
    inner join lots on changed.sku = lots.sku and changed.lot_id = lots.lot_id
    window lot_so_far as (
        partition by changed.location_id, changed.sku, changed.lot_id
        order by changed.occurred_at
    )
),

compared as (
    select
        taken.event_id,
        taken.sku,
        taken.lot_id,
        taken.location_id,
        taken.order_id,
        taken.order_line_id,
        taken.worker_id,
        free.lot_id as earlier_lot_id,
        taken.quantity,
        cast(free.free_quantity as bigint) as earlier_free_quantity,
        lots.expires_on,
        free.expires_on as earlier_expires_on,
        taken.source_event_key,
        taken.occurred_at
    from taken
    inner join lots on taken.sku = lots.sku and taken.lot_id = lots.lot_id
    inner join free
        on
            taken.location_id = free.location_id
            and taken.sku = free.sku
            and lots.expires_on > free.expires_on
            and taken.occurred_at >= free.valid_from
            and taken.occurred_at < free.valid_to
    where
        free.free_quantity > 0
        and free.expires_on >= cast(taken.occurred_at as date)
),

-- one row per pick: the lot that should have gone first
final as (
    select * from compared
    qualify
        row_number() over (
            partition by event_id, lot_id order by earlier_expires_on, earlier_lot_id
        ) = 1
)

select * from final
