-- What a claimant did not know yet, or never learnt.
with

knowledge as (
    select * from {{ ref('int_reconciliation__knowledge') }}
),

effects as (
    select * from {{ ref('int_reconciliation__effects') }}
),

delayed as (
    select
        *,
        case
            when wave != 'own' and not books_in_runs
                then {{ seconds_between('occurred_at', 'told_occurred_at') }}
        end as shift_seconds
    from knowledge
    where
        (known_at is null or known_at != occurred_at)
        -- a restock told ahead of its time is a cause of its own
        and not (event_class = 'returns.restocked' and coalesce(known_at < occurred_at, false))
),

caused as (
    select
        *,
        case
            -- the same event put on another day by a run, a day boundary or a time zone
            when
                known_at >= occurred_at
                and books_in_runs
                and cast(known_at as date) <= usually_recorded_on
                then 'cut_off'
            when
                known_at is not null
                and abs(shift_seconds) between 1800 and 14 * 3600
                and abs(shift_seconds) % 900 = 0
                then 'cut_off'
            when known_at is not null then 'sync_delay'
            -- it may still come
            when
                {{ seconds_between('occurred_at', 'last_told_at') }}
                < 1.25 * usual_lag_seconds
                then case when books_in_runs then 'cut_off' else 'sync_delay' end
            else missing_cause
        end as cause
    from delayed
),

-- a clock that runs ahead knows of it too early: the difference then has the other sign
final as (
    select
        caused.system,
        effects.scope,
        effects.sku,
        effects.location_id,
        effects.lot_id,
        caused.cause,
        case
            when caused.known_at < caused.occurred_at then effects.quantity else -effects.quantity
        end * caused.known_quantity // caused.quantity as quantity,
        cast(caused.confidence as decimal(9, 4)) as confidence,
        case
            when caused.told_evidence_id is null then [caused.evidence_id]
            else [caused.evidence_id, caused.told_evidence_id]
        end as evidence,
        least(caused.occurred_at, coalesce(caused.known_at, caused.occurred_at)) as valid_from,
        case
            when caused.known_at is not null then greatest(caused.occurred_at, caused.known_at)
        end as valid_to
    from caused
    inner join effects on caused.event_id = effects.event_id and caused.sku = effects.sku
)

select * from final
