with

balances as (
    select * from {{ ref('fct_stock_balances') }}
    where is_short
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

changed as (
    select
        entries.location_id,
        entries.sku,
        entries.lot_id,
        entries.state,
        entries.occurred_at,
        sum(entries.quantity) as net_quantity
    from entries
    inner join balances
        on
            entries.location_id = balances.location_id
            and entries.sku = balances.sku
            and entries.lot_id is not distinct from balances.lot_id
            and entries.state = balances.state
    group by
        entries.location_id, entries.sku, entries.lot_id, entries.state, entries.occurred_at
),

balanced as (
    select
        *,
        sum(net_quantity) over (
            partition by location_id, sku, lot_id, state order by occurred_at
        ) as balance_quantity
    from changed
),

fine as (
    select
        *,
        max(case when balance_quantity >= 0 then occurred_at end) over (
            partition by location_id, sku, lot_id, state
        ) as fine_until_at
    from balanced
),

final as (
    select
        location_id,
        sku,
        lot_id,
        state,
        min(occurred_at) as below_since_at
    from fine
    where fine_until_at is null or occurred_at > fine_until_at
    group by location_id, sku, lot_id, state
)

select * from final
