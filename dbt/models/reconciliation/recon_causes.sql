-- Every unit of every variance, by cause: what events explain, then what pairs explain, then what
-- the system set without an event or a count confirms, then what nobody can explain yet.
with

variances as (
    select * from {{ ref('recon_variances') }}
),

explained as (
    select * from {{ ref('int_reconciliation__explained') }}
),

rests as (
    select * from {{ ref('int_reconciliation__rests') }}
),

paired as (
    select * from {{ ref('int_reconciliation__rests_paired') }}
),

rests_left as (
    select * from {{ ref('int_reconciliation__rests_left') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

counted as (
    select
        rests.claim_id,
        rests.rest_quantity - coalesce(paired.quantity, 0) as quantity,
        rests.as_of
    from rests
    -- left: few counts answer each other
    left join paired on rests.claim_id = paired.claim_id
    where rests.quantity_kind = 'count'
),

remaining as (
    select
        claim_id,
        case when quantity < 0 then 'shrinkage' else 'unexplained' end as cause,
        quantity,
        cast(0.7 as decimal(9, 4)) as confidence,
        [claim_id] as evidence,
        as_of as since_at
    from counted
    where quantity != 0
    union all
    select
        claim_id,
        cause,
        quantity,
        confidence,
        [claim_id] as evidence,
        as_of as since_at
    from rests_left
),

gathered as (
    select
        claim_id,
        cause,
        quantity,
        confidence,
        evidence,
        since_at
    from explained
    union all
    select
        paired.claim_id,
        paired.cause,
        paired.quantity,
        paired.confidence,
        paired.evidence,
        rests.as_of as since_at
    from paired
    inner join rests on paired.claim_id = rests.claim_id
    union all
    select * from remaining
),

summed as (
    select
        claim_id,
        cause,
        cast(sum(quantity) as bigint) as quantity,
        min(confidence) as confidence,
        list_sort(list_distinct(flatten(list(evidence)))) as evidence,
        min(since_at) as since_at
    from gathered
    group by claim_id, cause
    having sum(quantity) != 0
),

final as (
    select
        summed.claim_id,
        variances.system,
        variances.location_id,
        variances.channel_id,
        variances.sku,
        variances.lot_id,
        variances.quantity_kind,
        summed.cause,
        summed.quantity,
        cast(summed.quantity * coalesce(products.unit_cost_amount, 0) as decimal(18, 4)) as amount,
        summed.confidence,
        summed.evidence,
        variances.as_of,
        summed.since_at
    from summed
    inner join variances on summed.claim_id = variances.claim_id
    -- left: a claim on a code nobody knows stays a claim
    left join products on variances.sku = products.sku
)

select * from final
