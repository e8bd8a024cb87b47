-- Each claim with the differences that held at its instant, cause by cause.
with

variances as (
    select * from {{ ref('recon_variances') }}
),

differences as (
    select * from {{ ref('recon_differences') }}
),

final as (
    select
        variances.claim_id,
        differences.cause,
        cast(sum(differences.quantity) as bigint) as quantity,
        min(differences.confidence) as confidence,
        list_sort(list_distinct(flatten(list(differences.evidence)))) as evidence,
        min(differences.valid_from) as since_at
    from variances
    inner join differences
        on
            variances.system = differences.system
            and variances.scope = differences.scope
            and variances.sku = differences.sku
            and variances.as_of >= differences.valid_from
            and variances.as_of < differences.valid_to
    where
        (
            variances.location_id is null
            or variances.location_id = differences.location_id
        )
        and (variances.lot_id is null or variances.lot_id = differences.lot_id)
        and variances.quantity_kind != 'count'
    group by variances.claim_id, differences.cause
    having sum(differences.quantity) != 0
)

select * from final
