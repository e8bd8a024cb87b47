-- Each claim with each difference of its system's story that held at its instant.
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
        variances.as_of,
        variances.recorded_at,
        differences.difference_id,
        differences.cause,
        differences.quantity,
        differences.confidence,
        differences.evidence,
        differences.valid_from as since_at
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
)

select * from final
