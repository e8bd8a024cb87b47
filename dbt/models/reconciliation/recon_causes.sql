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

tellers as (
    select distinct system from {{ ref('int_reconciliation__events_told') }}
    union
    select distinct source_system as system from {{ ref('int_ledger__events_owned') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

left_over as (
    select
        rests.*,
        rests.rest_quantity - coalesce(paired.quantity, 0) as quantity,
        -- the same rest in the claim before or after: it was set, and stayed
        coalesce(
            lag(rests.rest_quantity) over claimed = rests.rest_quantity
            or lead(rests.rest_quantity) over claimed = rests.rest_quantity,
            false
        ) as is_lasting
    from rests
    -- left: few rests answer each other
    left join paired on rests.claim_id = paired.claim_id
    window
        claimed as (
            partition by
                rests.system, rests.place, rests.channel_id, rests.lot, rests.sku,
                rests.quantity_kind
            order by rests.as_of
        )
),

remaining as (
    select
        left_over.claim_id,
        case
            when left_over.quantity_kind = 'count' and left_over.quantity < 0 then 'shrinkage'
            when left_over.quantity_kind = 'count' then 'unexplained'
            when tellers.system is null or not left_over.is_known_sku then 'unexplained'
            else 'manual_override'
        end as cause,
        left_over.quantity,
        cast(
            case
                when left_over.quantity_kind = 'count' then 0.7
                when left_over.is_lasting then 0.9
                else 0.6
            end as decimal(9, 4)
        ) as confidence,
        [left_over.claim_id] as evidence,
        left_over.as_of as since_at
    from left_over
    -- left: a system may claim stock and tell of no event
    left join tellers on left_over.system = tellers.system
    where left_over.quantity != 0
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
