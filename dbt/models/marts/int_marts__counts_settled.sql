-- Each count that differs, with its main cause and what was corrected since, up to the next count.
with

counts as (
    select
        *,
        coalesce(lot_id, '*') as lot,
        lead(counted_at) over (
            partition by location_id, sku, coalesce(lot_id, '*') order by counted_at, count_id
        ) as next_counted_at
    from {{ ref('fct_stock_counts') }}
),

claims as (
    select * from {{ ref('recon_variances') }}
    where count_id is not null
),

causes as (
    select
        claim_id,
        max_by(cause, row(abs(quantity), cause)) as cause,
        max_by(confidence, row(abs(quantity), cause)) as confidence,
        list_sort(list(cause)) as causes
    from {{ ref('recon_causes') }}
    where quantity_kind = 'count'
    group by claim_id
),

corrections as (
    select * from {{ ref('int_marts__corrections') }}
),

asking as (
    select
        claims.claim_id,
        causes.cause,
        cast(causes.confidence as decimal(9, 4)) as confidence,
        causes.causes,
        counts.*
    from counts
    inner join claims
        on
            counts.count_id = claims.count_id
            and counts.location_id = claims.location_id
            and counts.sku = claims.sku
            and counts.lot = coalesce(claims.lot_id, '*')
    inner join causes on claims.claim_id = causes.claim_id
    where
        not counts.is_within_tolerance
        or list_has_any(causes.causes, ['unexplained', 'shrinkage', 'wrong_item'])
),

corrected as (
    select
        asking.claim_id,
        cast(sum(corrections.quantity) as bigint) as corrected_quantity,
        max(corrections.occurred_at) as corrected_at
    from asking
    inner join corrections
        on
            asking.location_id = corrections.location_id
            and asking.sku = corrections.sku
            and asking.lot = coalesce(corrections.lot_id, '*')
            and asking.counted_at < corrections.occurred_at
            and coalesce(asking.next_counted_at, timestamp '9999-12-31') >= corrections.occurred_at
    group by asking.claim_id
),

final as (
    select
        asking.claim_id,
        asking.count_id,
        asking.location_id,
        asking.sku,
        asking.lot_id,
        asking.counter_id,
        asking.cause,
        asking.causes,
        asking.confidence,
        asking.counted_quantity,
        asking.ledger_quantity,
        asking.variance_quantity,
        coalesce(corrected.corrected_quantity, 0) as corrected_quantity,
        asking.is_within_tolerance,
        asking.counted_at,
        corrected.corrected_at,
        asking.next_counted_at
    from asking
    -- left: nothing may be corrected yet
    left join corrected on asking.claim_id = corrected.claim_id
)

select * from final
