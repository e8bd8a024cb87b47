-- Every unit of every variance has a cause, and no claim has more causes than variance.
with

variances as (
    select * from {{ ref('recon_variances') }}
),

causes as (
    select
        claim_id,
        sum(quantity) as quantity
    from {{ ref('recon_causes') }}
    group by claim_id
)

select
    variances.claim_id,
    variances.variance_quantity,
    causes.quantity
from variances
-- left: a claim that ties has no cause
left join causes on variances.claim_id = causes.claim_id
where variances.variance_quantity != coalesce(causes.quantity, 0)
