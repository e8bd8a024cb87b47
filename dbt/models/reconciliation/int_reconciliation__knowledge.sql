-- What each claimant knows of each of the owner's events, and since when: of its own by its own
-- clock, of others' as it was told, and of what its claims say that it does not know, never. Only
-- SKUs on which some claim of the system does not tie, or ties though it never heard of something.
with

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
),

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
),

matches as (
    select * from {{ ref('int_reconciliation__matches') }}
),

rhythms as (
    select * from {{ ref('int_reconciliation__rhythms') }}
),

hearing as (
    select * from {{ ref('int_reconciliation__hearing') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where not is_told_twice
),

variances as (
    select * from {{ ref('recon_variances') }}
),

-- what a system does not tell of it does not know of where its claims rather say so
missed as (
    select
        untold.*,
        hearing.support
    from {{ ref('int_reconciliation__events_untold') }} as untold
    inner join hearing
        on
            untold.system = hearing.system
            and untold.event_class = hearing.event_class
            and untold.is_opening = hearing.is_opening
            and coalesce(untold.location_id, '*') = hearing.place
    where hearing.support >= 0.5
),

-- only where some claim of the system on the SKU does not tie
untied as (
    select distinct
        system,
        sku
    from variances
    where variance_quantity != 0
),

matched as (
    select
        true_events.*,
        matches.told_id,
        matches.wave,
        matches.confidence
    from true_events
    inner join matches
        on true_events.system = matches.system and true_events.event_id = matches.event_id
),

-- or on the code under which it told of the SKU; or none, and what it never heard of cancels out
touched as (
    select
        system,
        sku
    from untied
    union
    select
        matched.system,
        matched.sku
    from matched
    inner join told on matched.system = told.system and matched.told_id = told.told_id
    semi join untied on told.system = untied.system and told.sku = untied.sku
    where told.sku != matched.sku
    union
    select
        system,
        sku
    from missed
),

-- the day on which most of what happened on one day was booked
runs as (
    select
        matched.system,
        cast(matched.occurred_at as date) as occurred_on,
        mode(cast(told.recorded_at as date)) as usually_recorded_on
    from matched
    inner join told on matched.system = told.system and matched.told_id = told.told_id
    group by matched.system, cast(matched.occurred_at as date)
),

final as (
    select
        matched.system,
        matched.event_id,
        matched.event_class,
        matched.missing_cause,
        matched.sku,
        matched.location_id,
        matched.quantity,
        -- told in several parts it is known part by part
        case
            when matched.wave = 'summed' and abs(told.quantity) < abs(matched.quantity)
                then told.quantity
            else matched.quantity
        end as known_quantity,
        matched.evidence_id,
        matched.occurred_at,
        told.told_id,
        told.evidence_id as told_evidence_id,
        told.told_sku,
        told.is_known_sku as is_told_sku_known,
        told.location_id as told_location_id,
        told.quantity as told_quantity,
        told.occurred_at as told_occurred_at,
        told.recorded_at as known_at,
        matched.wave,
        matched.confidence,
        rhythms.usual_lag_seconds,
        runs.usually_recorded_on,
        rhythms.books_in_runs,
        rhythms.last_told_at
    from matched
    semi join touched on matched.system = touched.system and matched.sku = touched.sku
    inner join told on matched.system = told.system and matched.told_id = told.told_id
    inner join rhythms
        on
            matched.system = rhythms.system
            and matched.occurred_at >= rhythms.first_told_at
    inner join runs
        on
            matched.system = runs.system
            and cast(matched.occurred_at as date) = runs.occurred_on
    union all
    select
        missed.system,
        missed.event_id,
        missed.event_class,
        missed.missing_cause,
        missed.sku,
        missed.location_id,
        missed.quantity,
        missed.quantity as known_quantity,
        missed.evidence_id,
        missed.occurred_at,
        cast(null as varchar) as told_id,
        cast(null as varchar) as told_evidence_id,
        cast(null as varchar) as told_sku,
        cast(null as boolean) as is_told_sku_known,
        cast(null as varchar) as told_location_id,
        cast(null as bigint) as told_quantity,
        cast(null as timestamp) as told_occurred_at,
        cast(null as timestamp) as known_at,
        cast(null as varchar) as wave,
        missed.support as confidence,
        rhythms.usual_lag_seconds,
        cast(null as date) as usually_recorded_on,
        rhythms.books_in_runs,
        rhythms.last_told_at
    from missed
    inner join rhythms on missed.system = rhythms.system
    union all
    select
        owned.source_system as system,
        owned.event_id,
        owned.event_name as event_class,
        cast(null as varchar) as missing_cause,
        owned.sku,
        owned.location_id,
        owned.quantity,
        owned.quantity as known_quantity,
        {{ evidence_id('owned.source_system', 'owned.event_name', 'owned.source_event_key') }}
            as evidence_id,
        owned.occurred_at,
        cast(null as varchar) as told_id,
        cast(null as varchar) as told_evidence_id,
        owned.sku as told_sku,
        true as is_told_sku_known,
        owned.location_id as told_location_id,
        owned.quantity as told_quantity,
        owned.occurred_at as told_occurred_at,
        owned.recorded_at as known_at,
        'own' as wave,
        1 as confidence,
        cast(null as double) as usual_lag_seconds,
        cast(null as date) as usually_recorded_on,
        false as books_in_runs,
        cast(null as timestamp) as last_told_at
    from owned
    semi join touched on owned.source_system = touched.system and owned.sku = touched.sku
    where owned.recorded_at > owned.occurred_at
)

select * from final
