-- What the evidence of causes names: each event as its system told it, each claim as it was made.
with

causes as (
    select * from {{ ref('recon_causes') }}
),

reported as (
    select * from {{ ref('int_ledger__events_reported') }}
),

postings as (
    select * from {{ ref('stg_landing__postings') }}
),

renamed as (
    select * from {{ ref('int_reconciliation__events_renamed') }}
),

returns as (
    select * from {{ ref('stg_landing__returns') }}
    where event_type = 'refunded'
),

fulfilment_events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
    where event_type = 'short_picked'
),

claims as (
    select * from {{ ref('fct_stock_claims') }}
),

proofs as (
    select distinct unnest(evidence) as evidence_id
    from causes
),

told as (
    select
        {{ evidence_id('source_system', 'event_name', 'source_event_key') }} as evidence_id,
        source_system as system,
        event_name as told_of,
        sku,
        location_id,
        coalesce(return_id, transfer_id, po_id, order_id, command_id) as reference_id,
        quantity,
        occurred_at,
        recorded_at
    from reported
    union all
    select
        {{ evidence_id('source_system', "'postings.' || reference_type", 'source_event_key') }}
            as evidence_id,
        source_system as system,
        'postings.' || reference_type as told_of,
        sku,
        cast(null as varchar) as location_id,
        reference_id,
        quantity,
        posted_at as occurred_at,
        recorded_at
    from postings
    union all
    select
        {{ evidence_id('system', 'event_class', 'source_event_key') }} as evidence_id,
        system,
        event_class as told_of,
        sku,
        location_id,
        reference_id,
        quantity,
        occurred_at,
        recorded_at
    from renamed
    union all
    select
        {{ evidence_id('source_system', "'returns.' || event_type", 'source_event_key') }}
            as evidence_id,
        source_system as system,
        'returns.' || event_type as told_of,
        sku,
        location_id,
        return_id as reference_id,
        quantity,
        occurred_at,
        recorded_at
    from returns
    union all
    select
        {{ evidence_id(
            'source_system', "'fulfilment_events.' || event_type", 'source_event_key'
        ) }} as evidence_id,
        source_system as system,
        'fulfilment_events.' || event_type as told_of,
        sku,
        location_id,
        order_id as reference_id,
        quantity,
        occurred_at,
        recorded_at
    from fulfilment_events
    union all
    select
        claim_id as evidence_id,
        system,
        'claim' as told_of,
        sku,
        location_id,
        count_id as reference_id,
        claimed_quantity as quantity,
        as_of as occurred_at,
        recorded_at
    from claims
),

final as (
    select told.*
    from told
    semi join proofs on told.evidence_id = proofs.evidence_id
)

select * from final
