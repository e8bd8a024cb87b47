-- What no event explains: the claim less what its system's own events add up to.
with

variances as (
    select * from {{ ref('recon_variances') }}
),

explained as (
    select
        claim_id,
        sum(quantity) as quantity
    from {{ ref('int_reconciliation__explained') }}
    group by claim_id
),

final as (
    select
        variances.claim_id,
        variances.system,
        coalesce(variances.location_id, '*') as place,
        coalesce(variances.channel_id, '*') as channel_id,
        coalesce(variances.lot_id, '*') as lot,
        variances.sku,
        variances.quantity_kind,
        variances.scope,
        variances.claimed_quantity,
        cast(variances.variance_quantity - coalesce(explained.quantity, 0) as bigint)
            as rest_quantity,
        variances.is_known_sku,
        variances.as_of
    from variances
    -- left: most claims tie
    left join explained on variances.claim_id = explained.claim_id
    where variances.variance_quantity - coalesce(explained.quantity, 0) != 0
)

select * from final
