-- All that the explanations of a system's claims on a SKU are derived from, as one hash: the
-- variances of the claims, and the differences of the system's story.
with

variances as (
    select * from {{ ref('recon_variances') }}
),

differences as (
    select * from {{ ref('recon_differences') }}
),

varied as (
    select
        system,
        sku,
        sum(cast(hash(variances) as hugeint)) as print
    from variances
    group by system, sku
),

parted as (
    select
        system,
        sku,
        sum(cast(hash(differences) as hugeint)) as print
    from differences
    group by system, sku
),

final as (
    select
        varied.system,
        varied.sku,
        md5(concat_ws('|', varied.print, parted.print)) as print
    from varied
    inner join parted on varied.system = parted.system and varied.sku = parted.sku
)

select * from final
