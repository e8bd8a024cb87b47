-- Each claim with the differences that held at its instant, cause by cause.
with

observed as (
    select * from {{ ref('int_reconciliation__observed') }}
),

final as (
    select
        claim_id,
        cause,
        cast(sum(quantity) as bigint) as quantity,
        min(confidence) as confidence,
        list_sort(list_distinct(flatten(list(evidence)))) as evidence,
        min(since_at) as since_at
    from observed
    group by claim_id, cause
    having sum(quantity) != 0
)

select * from final
