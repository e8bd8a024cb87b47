-- Every sign of a wrong pick, those that orders tell and those that two counts tell together.
with

suspected as (
    select * from {{ ref('int_reconciliation__picks_suspected') }}
),

causes as (
    select * from {{ ref('recon_causes') }}
    where quantity_kind = 'count' and cause = 'wrong_item' and quantity > 0
),

findings as (
    select * from {{ ref('int_reconciliation__count_findings') }}
),

answered as (
    select
        causes.*,
        unnest(causes.evidence) as answer_id
    from causes
),

-- a count and its verification are one finding
paired as (
    select
        mine.finding_id,
        answered.claim_id,
        any_value(answered.location_id) as location_id,
        any_value(answered.sku) as sku,
        min(theirs.sku) as other_sku,
        any_value(answered.quantity) as quantity,
        any_value(answered.confidence) as confidence,
        any_value(list_concat([answered.claim_id], answered.evidence)) as evidence,
        any_value(len(answered.evidence)) > count(*) as is_supported,
        max(greatest(mine.found_at, theirs.found_at)) as seen_at
    from answered
    inner join findings as mine on answered.claim_id = mine.claim_id
    inner join findings as theirs on answered.answer_id = theirs.claim_id
    group by mine.finding_id, answered.claim_id
    qualify row_number() over (partition by mine.finding_id order by answered.claim_id) = 1
),

final as (
    select
        signal_id,
        signal,
        location_id,
        order_id,
        line_id,
        sku,
        other_sku,
        worker_id,
        bin_id,
        quantity,
        confidence,
        evidence,
        true as is_supported,
        picked_at,
        seen_at
    from suspected
    union all
    select
        md5(concat_ws('|', 'paired_counts', finding_id)) as signal_id,
        'paired_counts' as signal,
        location_id,
        cast(null as varchar) as order_id,
        cast(null as varchar) as line_id,
        sku,
        other_sku,
        cast(null as varchar) as worker_id,
        cast(null as varchar) as bin_id,
        quantity,
        cast(confidence as decimal(9, 4)) as confidence,
        evidence,
        is_supported,
        cast(null as timestamp) as picked_at,
        seen_at
    from paired
)

select * from final
