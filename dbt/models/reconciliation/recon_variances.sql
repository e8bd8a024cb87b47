{{ config(post_hook="{{ settle('int_reconciliation__claim_prints') }}") }}
{%- set prints = 'int_reconciliation__claim_prints' -%}
{%- set settled = settled_prints(prints) -%}
-- Only claims on SKUs on which something is new are compared anew.
with

unchanged as (
    {{ unchanged_keys(prints, settled, ['sku']) }}
),

claims as (
    select claims.*
    from {{ ref('fct_stock_claims') }} as claims
    anti join unchanged on claims.sku = unchanged.sku
),

kinds as (
    select distinct
        quantity_kind,
        scope
    from {{ ref('int_reconciliation__kinds') }}
),

effects as (
    select * from {{ ref('int_reconciliation__effects') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

scoped as (
    select
        claims.*,
        kinds.scope,
        coalesce(claims.location_id, '*') as place,
        coalesce(claims.lot_id, '*') as lot
    from claims
    inner join kinds on claims.quantity_kind = kinds.quantity_kind
),

asked as (
    select distinct
        scope,
        place != '*' as is_placed,
        lot != '*' as is_lotted
    from scoped
),

-- changes and claims on one line of time: a claim reads the sum of the changes up to it
changes as (
    select
        effects.scope,
        effects.sku,
        case when asked.is_placed then effects.location_id else '*' end as place,
        case when asked.is_lotted then coalesce(effects.lot_id, '') else '*' end as lot,
        effects.occurred_at as changed_at,
        cast(sum(effects.quantity) as bigint) as quantity
    from effects
    inner join asked on effects.scope = asked.scope
    semi join scoped on effects.sku = scoped.sku
    group by all
),

told as (
    select
        scope,
        sku,
        place,
        lot,
        changed_at,
        quantity,
        cast(null as varchar) as claim_id
    from changes
    union all
    select
        scope,
        sku,
        place,
        lot,
        as_of as changed_at,
        cast(0 as bigint) as quantity,
        claim_id
    from scoped
),

summed as (
    select
        claim_id,
        cast(
            sum(quantity) over (
                partition by scope, sku, place, lot
                order by changed_at
                range between unbounded preceding and current row
            ) as bigint
        ) as ledger_quantity
    from told
    qualify claim_id is not null
),

final as (
    select
        scoped.claim_id,
        scoped.system,
        scoped.location_id,
        scoped.channel_id,
        scoped.sku,
        scoped.lot_id,
        scoped.quantity_kind,
        scoped.scope,
        scoped.claimed_quantity,
        summed.ledger_quantity,
        scoped.claimed_quantity - summed.ledger_quantity as variance_quantity,
        cast(
            (scoped.claimed_quantity - summed.ledger_quantity)
            * coalesce(products.unit_cost_amount, 0) as decimal(18, 4)
        ) as variance_amount,
        products.sku is not null as is_known_sku,
        scoped.count_id,
        scoped.as_of,
        scoped.recorded_at
    from scoped
    inner join summed on scoped.claim_id = summed.claim_id
    -- left: a claim on a code nobody knows stays a claim
    left join products on scoped.sku = products.sku
)

select * from final
{% if settled -%}
union all by name
select kept.*
from {{ this }} as kept
semi join unchanged on kept.sku = unchanged.sku
{% endif %}
