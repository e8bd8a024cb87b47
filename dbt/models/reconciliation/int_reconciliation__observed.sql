{{ config(post_hook="{{ settle('int_reconciliation__story_prints') }}") }}
{%- set prints = 'int_reconciliation__story_prints' -%}
{%- set settled = settled_prints(prints) -%}
-- Each claim with each difference of its system's story that held at its instant; claims whose
-- story is as it was are kept.
with

prints as (
    select * from {{ ref(prints) }}
),

unchanged as (
    {{ unchanged_keys(prints, settled, ['system', 'sku']) }}
),

variances as (
    select variances.*
    from {{ ref('recon_variances') }} as variances
    semi join prints on variances.system = prints.system and variances.sku = prints.sku
    anti join unchanged
        on variances.system = unchanged.system and variances.sku = unchanged.sku
),

differences as (
    select * from {{ ref('recon_differences') }}
),

final as (
    select
        variances.claim_id,
        variances.system,
        variances.sku,
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
{% if settled -%}
union all by name
select kept.*
from {{ this }} as kept
semi join unchanged on kept.system = unchanged.system and kept.sku = unchanged.sku
{% endif %}
