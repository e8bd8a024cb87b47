-- The second count of one SKU and lot at one place by somebody else, before anything was corrected.
with

counts as (
    select
        *,
        coalesce(lot_id, '*') as lot
    from {{ ref('fct_stock_counts') }}
),

corrections as (
    select * from {{ ref('int_marts__corrections') }}
),

methods as (
    select * from {{ ref('count_methods') }}
),

followed as (
    select
        *,
        lag(count_id) over counted as first_count_id,
        lag(counter_id) over counted as first_counter_id,
        lag(variance_quantity) over counted as first_variance_quantity,
        lag(counted_at) over counted as first_counted_at
    from counts
    window counted as (partition by location_id, sku, lot order by counted_at, count_id)
),

again as (
    select * from followed
    where
        counter_id != first_counter_id
        and counted_at <= first_counted_at + interval ({{ var('count_verification_days') }}) day
),

final as (
    select
        again.count_id,
        again.first_count_id,
        again.location_id,
        again.sku,
        again.lot_id,
        again.first_counter_id,
        again.counter_id,
        again.method,
        again.first_variance_quantity,
        again.variance_quantity,
        coalesce(methods.is_blind, false) as is_blind,
        again.variance_quantity = again.first_variance_quantity as is_agreed,
        again.first_counted_at,
        again.counted_at
    from again
    -- left: a word nobody listed is not known to be blind
    left join methods on lower(again.method) = methods.method
    anti join corrections
        on
            again.location_id = corrections.location_id
            and again.sku = corrections.sku
            and again.lot = coalesce(corrections.lot_id, '*')
            and again.first_counted_at < corrections.occurred_at
            and again.counted_at >= corrections.occurred_at
)

select * from final
