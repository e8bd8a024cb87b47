-- Why a channel listed more than could be promised: the causes of its listing's variance, what left
-- between the listing and the order, and what earlier orders had been promised.
with

oversells as (
    select * from {{ ref('fct_oversells') }}
    where listed_quantity is not null
),

variances as (
    select * from {{ ref('recon_variances') }}
),

causes as (
    select * from {{ ref('recon_causes') }}
),

listings as (
    select
        order_id,
        line_id,
        unnest(evidence) as claim_id
    from oversells
),

wrong as (
    select
        listings.order_id,
        listings.line_id,
        causes.cause,
        sum(causes.quantity) as quantity,
        min(causes.confidence) as confidence,
        list_sort(list_distinct(flatten(list(causes.evidence)))) as evidence
    from listings
    inner join causes on listings.claim_id = causes.claim_id
    group by listings.order_id, listings.line_id, causes.cause
),

true_then as (
    select
        listings.order_id,
        listings.line_id,
        sum(variances.ledger_quantity) as ledger_quantity
    from listings
    inner join variances on listings.claim_id = variances.claim_id
    group by listings.order_id, listings.line_id
),

stale as (
    select
        oversells.order_id,
        oversells.line_id,
        'stale_listing' as cause,
        true_then.ledger_quantity - oversells.free_quantity as quantity,
        cast(1 as decimal(9, 4)) as confidence,
        oversells.evidence
    from oversells
    inner join true_then
        on
            oversells.order_id = true_then.order_id
            and oversells.line_id = true_then.line_id
),

-- a listing of what is free tells nothing of orders whose units still lie there
promised as (
    select
        order_id,
        line_id,
        'promised_before' as cause,
        free_quantity - network_quantity as quantity,
        cast(1 as decimal(9, 4)) as confidence,
        evidence
    from oversells
),

gathered as (
    select * from wrong
    union all
    select * from stale
    union all
    select * from promised
),

final as (
    select
        gathered.order_id,
        gathered.line_id,
        oversells.sku,
        oversells.channel_id,
        gathered.cause,
        cast(gathered.quantity as bigint) as quantity,
        gathered.confidence,
        gathered.quantity > 0
        and row_number() over (
            partition by gathered.order_id, gathered.line_id
            order by gathered.quantity desc, gathered.cause asc
        ) = 1 as is_leading,
        gathered.evidence,
        oversells.placed_at
    from gathered
    inner join oversells
        on
            gathered.order_id = oversells.order_id
            and gathered.line_id = oversells.line_id
    where gathered.quantity != 0
)

select * from final
