{{ config(post_hook=create_balances_as_told()) }}

-- Where a claimant's own story parts from the ledger: from when until when, by how many units, and
-- why. A claim's variance is the sum of those that held at its instant, and a rest.
with

{% set parts = ['unknown', 'distorted', 'added', 'refunded'] -%}
{% for part in parts -%}
{{ part }} as (
    select * from {{ ref('int_reconciliation__' ~ part) }}
),

{% endfor -%}

gathered as (
    {% for part in parts -%}
    select
        system,
        scope,
        sku,
        location_id,
        lot_id,
        cause,
        quantity,
        confidence,
        evidence,
        valid_from,
        coalesce(valid_to, timestamp '9999-12-31') as valid_to
    from {{ part }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        md5(
            concat_ws(
                '|', system, scope, sku, coalesce(location_id, ''), coalesce(lot_id, ''), cause,
                array_to_string(evidence, '|'), valid_from
            )
        ) as difference_id,
        system,
        scope,
        sku,
        location_id,
        lot_id,
        cause,
        cast(sum(quantity) as bigint) as quantity,
        min(confidence) as confidence,
        evidence,
        valid_from,
        max(valid_to) as valid_to
    from gathered
    where valid_to > valid_from
    group by system, scope, sku, location_id, lot_id, cause, evidence, valid_from
    having sum(quantity) != 0
)

select * from final
