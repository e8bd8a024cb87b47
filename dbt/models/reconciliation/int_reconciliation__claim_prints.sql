-- All that the variances of a SKU's claims are derived from, as one hash: its claims, what changed
-- its stock, its cost, and what the kinds of quantity count.
with

claims as (
    select * from {{ ref('fct_stock_claims') }}
),

effects as (
    select * from {{ ref('int_reconciliation__effects') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

kinds as (
    select * from {{ ref('int_reconciliation__kinds') }}
),

claimed as (
    select
        sku,
        sum(cast(hash(claims) as hugeint)) as print
    from claims
    group by sku
),

changed as (
    select
        sku,
        sum(cast(hash(effects) as hugeint)) as print
    from effects
    group by sku
),

counted as (
    select sum(cast(hash(kinds) as hugeint)) as print
    from kinds
),

final as (
    select
        claimed.sku,
        md5(
            concat_ws('|', claimed.print, changed.print, products.unit_cost_amount, counted.print)
        ) as print
    from claimed
    cross join counted
    -- left: a claim on a code nobody knows, or on what never moved, stays a claim
    left join changed on claimed.sku = changed.sku
    left join products on claimed.sku = products.sku
)

select * from final
