-- What a difference of a system's story from the ledger is, once: one event does the same to each
-- kind of quantity that counts its states, and what is here and should be there is so many units.
with

observed as (
    select * from {{ ref('int_reconciliation__observed') }}
),

variances as (
    select * from {{ ref('recon_variances') }}
),

differences as (
    select * from {{ ref('recon_differences') }}
),

shown as (
    select
        observed.difference_id,
        list(distinct variances.claim_id) as claim_ids,
        list(distinct variances.quantity_kind) as quantity_kinds,
        list(distinct coalesce(variances.channel_id, variances.location_id, '*')) as shown_in,
        arg_min(observed.claim_id, row(observed.as_of, observed.claim_id)) as first_claim_id,
        arg_max(observed.claim_id, row(observed.as_of, observed.claim_id)) as last_claim_id,
        min(observed.as_of) as first_at,
        max(observed.as_of) as last_at,
        min(observed.recorded_at) as detected_at
    from observed
    inner join variances on observed.claim_id = variances.claim_id
    group by observed.difference_id
),

-- one event may book several lots of a place
placed as (
    select
        differences.system,
        differences.sku,
        differences.cause,
        differences.evidence,
        differences.scope,
        differences.location_id,
        case when min(differences.lot_id) = max(differences.lot_id) then min(differences.lot_id) end
            as lot_id,
        cast(sum(differences.quantity) as bigint) as quantity,
        min(differences.confidence) as confidence,
        flatten(list(shown.claim_ids)) as claim_ids,
        flatten(list(shown.quantity_kinds)) as quantity_kinds,
        flatten(list(shown.shown_in)) as shown_in,
        arg_min(shown.first_claim_id, row(shown.first_at, shown.first_claim_id)) as first_claim_id,
        arg_max(shown.last_claim_id, row(shown.last_at, shown.last_claim_id)) as last_claim_id,
        min(shown.first_at) as first_at,
        max(shown.last_at) as last_at,
        min(differences.valid_from) as began_at,
        min(shown.detected_at) as detected_at,
        max(differences.valid_to) as ended_at
    from differences
    inner join shown on differences.difference_id = shown.difference_id
    group by
        differences.system, differences.sku, differences.cause, differences.evidence,
        differences.scope, differences.location_id
    having sum(differences.quantity) != 0
),

scoped as (
    select
        *,
        cast(sum(greatest(quantity, 0)) over in_scope as bigint) as over_quantity,
        cast(sum(greatest(-quantity, 0)) over in_scope as bigint) as under_quantity
    from placed
    window in_scope as (partition by system, sku, cause, evidence, scope)
),

-- the largest claim says how many, and where there are too many says where
ranked as (
    select
        *,
        row(
            greatest(over_quantity, under_quantity), abs(quantity), sign(quantity), scope,
            location_id
        ) as size
    from scoped
),

final as (
    select
        md5(concat_ws('|', system, sku, cause, array_to_string(evidence, '|'))) as incident_id,
        system,
        arg_max(location_id, size) as location_id,
        cast(null as varchar) as channel_id,
        sku,
        arg_max(lot_id, size) as lot_id,
        arg_max(scope, size) as scope,
        cause,
        arg_max(
            case
                when over_quantity >= under_quantity then over_quantity
                else -under_quantity
            end, size
        ) as quantity,
        arg_max(over_quantity - under_quantity, size) as net_quantity,
        min(confidence) as confidence,
        evidence,
        list_sort(list_distinct(flatten(list(quantity_kinds)))) as quantity_kinds,
        list_sort(list_distinct(flatten(list(shown_in)))) as shown_in,
        cast(len(list_distinct(flatten(list(claim_ids)))) as bigint) as claim_count,
        arg_min(first_claim_id, row(first_at, first_claim_id)) as first_claim_id,
        arg_max(last_claim_id, row(last_at, last_claim_id)) as last_claim_id,
        min(began_at) as began_at,
        min(detected_at) as detected_at,
        nullif(max(ended_at), timestamp '9999-12-31') as ended_at
    from ranked
    group by system, sku, cause, evidence
)

select * from final
