-- A pick of the wrong SKU leaves the one booked over and the one taken short. Pairs are made in the
-- order of what speaks for them: an order's own events; a look-alike; nothing but the same units in
-- the same days. Where nobody counted the other SKU yet, the order's events stand alone. Each
-- finding gives its units to one pair.
{% set rounds = [1, 2, 3] %}
with

findings as (
    select * from {{ ref('int_reconciliation__count_findings') }}
),

misbooked as (
    select * from {{ ref('int_reconciliation__counts_misbooked') }}
),

-- what an event of its own explains needs no other SKU
candidates as (
    select * from {{ ref('int_reconciliation__count_candidates') }}
    where
        over_id not in (select finding_id from misbooked)
        and short_id not in (select finding_id from misbooked)
),

mistaken as (
    select * from {{ ref('int_reconciliation__picks_mistaken') }}
    where is_wrong_item
),

found as (
    select
        finding_id,
        system,
        place,
        sku,
        abs(any_value(rest_quantity)) as quantity,
        any_value(rest_quantity) > 0 as is_over,
        any_value(opened_at) as opened_at,
        any_value(found_at) as found_at,
        list_sort(list(claim_id)) as claim_ids
    from findings
    group by finding_id, system, place, sku
),

{% for round in rounds -%}
best_{{ round }} as (
    select *
    from candidates
    {%- if not loop.first %}
    where
        over_id not in (select over_id from matched_{{ round - 1 }})
        and short_id not in (select short_id from matched_{{ round - 1 }})
    {%- endif %}
    qualify
        row_number() over (
            partition by over_id
            order by tier asc, is_equal desc, support desc, apart asc, short_id asc
        ) = 1
        and row_number() over (
            partition by short_id
            order by tier asc, is_equal desc, support desc, apart asc, over_id asc
        ) = 1
),

matched_{{ round }} as (
    select * from best_{{ round }}
    {%- if not loop.first %}
    union all
    select * from matched_{{ round - 1 }}
    {%- endif %}
),

{% endfor -%}

pairs as (
    select
        matched.over_id,
        matched.short_id,
        least(over.quantity, short.quantity) as quantity,
        case
            -- both counts and an order's own events agree
            when tier = 1 and is_equal then 1 - (1 - 0.6) * (1 - support)
            when tier = 1 then support
            when tier = 2 and is_equal then 0.6 / candidate_count
            when tier = 2 then 0.4 / candidate_count
            else 0.3
        end as confidence,
        over.claim_ids as over_claim_ids,
        short.claim_ids as short_claim_ids,
        matched.evidence
    from matched_{{ rounds | last }} as matched
    inner join found as over on matched.over_id = over.finding_id
    inner join found as short on matched.short_id = short.finding_id
),

alone as (
    select
        found.finding_id,
        least(any_value(found.quantity), sum(mistaken.quantity))
        * case when found.is_over then 1 else -1 end as quantity,
        {{ confidence_of_all('mistaken.confidence') }} as confidence,
        flatten(list(mistaken.evidence)) as evidence
    from found
    inner join mistaken
        on
            found.place = mistaken.location_id
            and found.sku = case when found.is_over then mistaken.sku else mistaken.other_sku end
            and found.opened_at < mistaken.picked_at
            and found.found_at >= mistaken.picked_at
    where
        found.finding_id not in (select over_id from pairs)
        and found.finding_id not in (select short_id from pairs)
        and found.finding_id not in (select finding_id from misbooked)
    group by found.finding_id, found.is_over
),

sided as (
    select
        over_id as finding_id,
        quantity,
        confidence,
        list_concat(short_claim_ids, evidence) as evidence
    from pairs
    union all
    select
        short_id as finding_id,
        -quantity as quantity,
        confidence,
        list_concat(over_claim_ids, evidence) as evidence
    from pairs
    union all
    select
        finding_id,
        quantity,
        confidence,
        evidence
    from alone
),

final as (
    select
        findings.claim_id,
        cast(sided.quantity as bigint) as quantity,
        cast(sided.confidence as decimal(9, 4)) as confidence,
        list_sort(list_distinct(sided.evidence)) as evidence
    from findings
    inner join sided on findings.finding_id = sided.finding_id
)

select * from final
