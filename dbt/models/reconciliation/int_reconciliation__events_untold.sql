-- The owner's events that a claimant never told of, since it tells of anything.
with

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
),

matches as (
    select * from {{ ref('int_reconciliation__matches') }}
),

rhythms as (
    select * from {{ ref('int_reconciliation__rhythms') }}
),

-- a system need not carry everything, nor be everywhere
carried as (
    select distinct
        system,
        sku,
        location_id
    from {{ ref('recon_variances') }}
    where quantity_kind != 'count'
),

-- what a system takes for a return that is back it does not tell of once more
refunds as (
    select * from {{ ref('int_reconciliation__refunds_counted') }}
),

final as (
    select
        true_events.system,
        true_events.event_id,
        true_events.event_class,
        true_events.missing_cause,
        true_events.is_opening,
        true_events.sku,
        true_events.location_id,
        true_events.quantity,
        true_events.evidence_id,
        true_events.occurred_at
    from true_events
    inner join rhythms
        on
            true_events.system = rhythms.system
            and true_events.occurred_at >= rhythms.first_told_at
    semi join carried
        on
            true_events.system = carried.system
            and true_events.sku = carried.sku
            and coalesce(true_events.location_id = carried.location_id, true)
    anti join matches
        on true_events.system = matches.system and true_events.event_id = matches.event_id
    anti join refunds
        on
            true_events.system = refunds.system
            and true_events.return_id = refunds.return_id
            and true_events.sku = refunds.sku
)

select * from final
