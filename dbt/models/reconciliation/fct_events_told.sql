-- What a system told of others' events, wherever that is evidence for a cause of its variance.
with

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
),

causes as (
    select * from {{ ref('recon_causes') }}
),

proofs as (
    select distinct
        system,
        unnest(evidence) as source_event_key
    from causes
),

final as (
    select
        told.told_id,
        told.system,
        told.source_event_key,
        told.event_class,
        told.sku,
        told.location_id,
        told.quantity,
        told.occurred_at,
        told.recorded_at
    from told
    semi join proofs
        on
            told.system = proofs.system
            and told.source_event_key = proofs.source_event_key
)

select * from final
