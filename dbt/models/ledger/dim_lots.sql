with

receipts as (
    select * from {{ ref('stg_landing__receipts') }}
    where lot_id is not null
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
    where lot_id is not null
),

stated as (
    select
        sku,
        lot_id,
        -- where papers differ, the earlier date is the safe one
        min(expires_on) as expires_on,
        count(distinct expires_on) > 1 as has_conflicting_expiry
    from receipts
    group by sku, lot_id
),

moved as (
    select
        sku,
        lot_id,
        min(occurred_at) filter (where movement_type in ('received', 'opening')) as received_at,
        min(occurred_at) filter (where movement_type = 'recall') as recalled_at
    from entries
    group by sku, lot_id
),

final as (
    select
        moved.sku,
        moved.lot_id,
        coalesce(stated.has_conflicting_expiry, false) as has_conflicting_expiry,
        moved.recalled_at is not null as is_recalled,
        stated.expires_on,
        moved.received_at,
        moved.recalled_at
    from moved
    -- left: a lot may be known from stock alone
    left join stated on moved.sku = stated.sku and moved.lot_id = stated.lot_id
)

select * from final
