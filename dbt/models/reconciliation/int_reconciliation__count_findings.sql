-- A count and its verification find one thing: counts that follow each other within days and differ
-- from the ledger by the same units. Whatever made the difference happened after the count before.
with

counts as (
    select
        *,
        coalesce(location_id, '*') as place,
        coalesce(lot_id, '*') as lot
    from {{ ref('recon_variances') }}
    where quantity_kind = 'count'
),

followed as (
    select
        *,
        lag(variance_quantity) over counted as variance_before,
        lag(as_of) over counted as counted_before_at
    from counts
    window counted as (partition by system, place, lot, sku order by as_of, claim_id)
),

begun as (
    select
        *,
        coalesce(
            variance_quantity = variance_before
            and as_of <= counted_before_at
            + interval ({{ var('count_verification_days') }}) day,
            false
        ) as is_again
    from followed
),

numbered as (
    select
        *,
        sum(cast(not is_again as integer)) over (
            partition by system, place, lot, sku order by as_of, claim_id
        ) as finding_number
    from begun
),

final as (
    select
        claim_id,
        min(claim_id) over finding as finding_id,
        system,
        place,
        lot,
        sku,
        variance_quantity as rest_quantity,
        min(case when not is_again then coalesce(counted_before_at, timestamp '1970-01-01') end)
            over finding as opened_at,
        min(as_of) over finding as found_at,
        as_of
    from numbered
    where variance_quantity != 0
    window finding as (partition by system, place, lot, sku, finding_number)
)

select * from final
