-- What the owner itself booked and a count found otherwise: goods booked at one place and lying at
-- another, where counts of both agree on the units of an event; goods booked in the wrong unit,
-- where the difference is what a case-pack factor makes of an event. An order's own events that
-- speak of a mistaken pick go before.
with

findings as (
    select * from {{ ref('int_reconciliation__count_findings') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where not is_told_twice
),

factors as (
    select * from {{ ref('int_reconciliation__unit_factors') }}
),

candidates as (
    select * from {{ ref('int_reconciliation__count_candidates') }}
    where tier = 1
),

found as (
    select
        finding_id,
        system,
        place,
        sku,
        any_value(rest_quantity) as rest_quantity,
        any_value(opened_at) as opened_at,
        any_value(found_at) as found_at,
        list_sort(list(claim_id)) as claim_ids
    from findings
    where
        finding_id not in (select over_id from candidates)
        and finding_id not in (select short_id from candidates)
    group by finding_id, system, place, sku
),

moved as (
    select
        event_id,
        sku,
        location_id,
        quantity,
        {{ evidence_id('source_system', 'event_name', 'source_event_key') }} as evidence_id,
        occurred_at,
        event_name in ('receipts.received', 'transfers.received', 'returns.received') as is_inbound,
        event_name = 'receipts.received' as is_receipt
    from owned
    where
        event_name in (
            'receipts.received',
            'transfers.received',
            'returns.received',
            'transfers.shipped',
            'fulfilment_events.shipped'
        )
),

-- what came in was booked at the place that is short now, what left at the place that is over
misplaced as (
    select
        short.finding_id as short_id,
        over.finding_id as over_id,
        list_sort(list_distinct(list(moved.evidence_id))) as evidence,
        any_value(short.claim_ids) as short_claim_ids,
        any_value(over.claim_ids) as over_claim_ids,
        any_value(over.rest_quantity) as quantity
    from found as short
    inner join found as over
        on
            short.system = over.system
            and short.sku = over.sku
            and short.place != over.place
            and short.rest_quantity = -over.rest_quantity
            and short.opened_at < over.found_at
            and short.found_at > over.opened_at
    inner join moved
        on
            short.sku = moved.sku
            and over.rest_quantity = moved.quantity
            and moved.occurred_at > greatest(short.opened_at, over.opened_at)
            and moved.occurred_at <= least(short.found_at, over.found_at)
    where
        short.rest_quantity < 0
        and moved.location_id = case when moved.is_inbound then short.place else over.place end
    group by short.finding_id, over.finding_id
    -- more than one possible partner proves nothing
    qualify
        count(*) over (partition by short.finding_id) = 1
        and count(*) over (partition by over.finding_id) = 1
),

misscaled as (
    select
        found.finding_id,
        any_value(found.rest_quantity) as quantity,
        list_sort(list_distinct(list(moved.evidence_id))) as evidence
    from found
    inner join moved
        on
            found.place = moved.location_id
            and found.sku = moved.sku
            and found.opened_at < moved.occurred_at
            and found.found_at >= moved.occurred_at
    inner join factors on found.sku = factors.sku
    where
        moved.is_receipt
        and (
            found.rest_quantity = moved.quantity * factors.factor - moved.quantity
            or found.rest_quantity * factors.factor
            = moved.quantity - moved.quantity * factors.factor
        )
    group by found.finding_id
),

caused as (
    select
        short_id as finding_id,
        'wrong_location' as cause,
        -quantity as quantity,
        list_concat(over_claim_ids, evidence) as evidence
    from misplaced
    union all
    select
        over_id as finding_id,
        'wrong_location' as cause,
        quantity,
        list_concat(short_claim_ids, evidence) as evidence
    from misplaced
    union all
    select
        finding_id,
        'unit_conversion' as cause,
        quantity,
        evidence
    from misscaled
    where
        finding_id not in (select short_id from misplaced)
        and finding_id not in (select over_id from misplaced)
),

final as (
    select
        findings.claim_id,
        findings.finding_id,
        caused.cause,
        cast(caused.quantity as bigint) as quantity,
        cast(0.7 as decimal(9, 4)) as confidence,
        caused.evidence
    from findings
    inner join caused on findings.finding_id = caused.finding_id
)

select * from final
