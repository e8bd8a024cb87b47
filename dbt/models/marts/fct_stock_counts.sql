with

counts as (
    select * from {{ ref('stg_landing__counts') }}
    -- the ledger knows no bins: a count of one bin cannot be held against it
    where bin_id is null
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

states as (
    select * from {{ ref('stock_states') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

tolerances as (
    select * from {{ ref('count_tolerances') }}
),

on_hand_entries as (
    select
        entries.location_id,
        entries.sku,
        entries.lot_id,
        entries.quantity,
        entries.occurred_at
    from entries
    inner join states on entries.state = states.state
    where states.is_on_hand
),

compared as (
    select
        counts.count_id,
        counts.location_id,
        counts.sku,
        counts.lot_id,
        counts.counter_id,
        counts.method,
        counts.counted_quantity,
        cast(coalesce(sum(on_hand_entries.quantity), 0) as bigint) as ledger_quantity,
        counts.counted_at,
        counts.batch_id,
        counts.row_number
    from counts
    -- left: a count may find what the ledger never saw
    left join on_hand_entries
        on
            counts.location_id = on_hand_entries.location_id
            and counts.sku = on_hand_entries.sku
            and coalesce(counts.lot_id, on_hand_entries.lot_id, '')
            = coalesce(on_hand_entries.lot_id, '')
            and counts.counted_at >= on_hand_entries.occurred_at
    group by all
),

final as (
    select
        compared.count_id,
        compared.location_id,
        compared.sku,
        compared.lot_id,
        compared.counter_id,
        compared.method,
        compared.counted_quantity,
        compared.ledger_quantity,
        compared.counted_quantity - compared.ledger_quantity as variance_quantity,
        cast(
            (compared.counted_quantity - compared.ledger_quantity)
            * coalesce(products.unit_cost_amount, 0) as decimal(18, 4)
        ) as variance_amount,
        tolerances.tolerance_rate,
        abs(compared.counted_quantity - compared.ledger_quantity)
        <= tolerances.tolerance_rate * abs(compared.ledger_quantity) as is_within_tolerance,
        compared.counted_at,
        compared.batch_id,
        compared.row_number
    from compared
    inner join products on compared.sku = products.sku
    inner join tolerances
        on
            case when products.abc_class in ('A', 'B') then products.abc_class else 'C' end
            = tolerances.abc_class
)

select * from final
