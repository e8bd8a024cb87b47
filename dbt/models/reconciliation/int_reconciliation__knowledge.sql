-- What each claimant knows of each of the owner's events, and since when: of its own by its own
-- clock, of others' as it was told. Only SKUs on which some claim of the system does not tie, or
-- ties though it never heard of something.
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

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where not is_told_twice
),

variances as (
    select * from {{ ref('recon_variances') }}
),

-- only where some claim of the system on the SKU does not tie
untied as (
    select distinct
        system,
        sku
    from variances
    where variance_quantity != 0
),

-- a system need not carry everything, nor be everywhere
carried as (
    select distinct
        system,
        sku,
        location_id
    from variances
    where quantity_kind != 'count'
),

spans as (
    select
        system,
        -- what happened before it told of anything, it may have started with
        min(occurred_at) as first_told_at,
        -- what happened after all it told of, it may have been cut off from
        max(occurred_at) as last_happened_at,
        max(recorded_at) as last_told_at
    from told
    group by system
),

-- a system that still claims and tells of nothing has nothing under way either
heard as (
    select
        spans.system,
        spans.first_told_at,
        greatest(spans.last_told_at, max(variances.recorded_at)) as last_told_at
    from spans
    -- left: those who tell also claim, but maybe only counts
    left join variances
        on spans.system = variances.system and variances.quantity_kind != 'count'
    group by spans.system, spans.first_told_at, spans.last_told_at
),

lags as (
    select
        true_events.system,
        true_events.sku,
        true_events.event_class,
        true_events.is_opening,
        cast(true_events.occurred_at as date) as occurred_on,
        cast(told.recorded_at as date) as recorded_on,
        matches.told_id is not null as is_told,
        {{ seconds_between('true_events.occurred_at', 'told.recorded_at') }} as lag_seconds
    from true_events
    -- left: what was never told counts too
    left join matches
        on true_events.system = matches.system and true_events.event_id = matches.event_id
    left join told on matches.system = told.system and matches.told_id = told.told_id
    inner join spans
        on
            true_events.system = spans.system
            and true_events.occurred_at between spans.first_told_at and spans.last_happened_at
    semi join carried
        on
            true_events.system = carried.system
            and true_events.sku = carried.sku
            and coalesce(true_events.location_id = carried.location_id, true)
),

-- opening balances by themselves: a system may have been given one sum of many
habits as (
    select
        system,
        event_class,
        is_opening,
        count(*) filter (where is_told) >= 0.5 * count(*) as is_usually_told
    from lags
    group by system, event_class, is_opening
),

-- or on the code under which it told of the SKU; or none, and what it never heard of cancels out
touched as (
    select
        system,
        sku
    from untied
    union
    select
        true_events.system,
        true_events.sku
    from true_events
    inner join matches
        on true_events.system = matches.system and true_events.event_id = matches.event_id
    inner join told on matches.system = told.system and matches.told_id = told.told_id
    semi join untied on told.system = untied.system and told.sku = untied.sku
    where told.sku != true_events.sku
    union
    select
        lags.system,
        lags.sku
    from lags
    inner join habits
        on
            lags.system = habits.system
            and lags.event_class = habits.event_class
            and lags.is_opening = habits.is_opening
    where habits.is_usually_told and not lags.is_told
),

-- how long it usually takes a system to know: nine times out of ten
paces as (
    select
        system,
        quantile_cont(lag_seconds, 0.9) as usual_lag_seconds
    from lags
    where is_told
    group by system
),

-- the day on which most of what happened on one day was booked
runs as (
    select
        system,
        occurred_on,
        mode(recorded_on) as usually_recorded_on
    from lags
    where is_told
    group by system, occurred_on
),

-- a system that books in runs knows of the day's events together, and not before
hours as (
    select
        system,
        hour(recorded_at) as hour,
        count(*) as told_count
    from told
    group by system, hour
),

-- a run may go on past the hour, or stay at its hour when the clocks change
pairs as (
    select
        hours.system,
        hours.told_count,
        hours.told_count + coalesce(next_hours.told_count, 0) as pair_count
    from hours
    -- left: nothing may be told in the hour after
    left join hours as next_hours
        on
            hours.system = next_hours.system
            and (hours.hour + 1) % 24 = next_hours.hour
),

rhythms as (
    select
        system,
        max(told_count) >= 0.5 * sum(told_count) or 3 * max(pair_count) >= 2 * sum(told_count)
            as books_in_runs
    from pairs
    group by system
),

horizons as (
    select
        heard.system,
        heard.first_told_at,
        heard.last_told_at,
        rhythms.books_in_runs
    from heard
    inner join rhythms on heard.system = rhythms.system
),

final as (
    select
        true_events.system,
        true_events.event_id,
        true_events.event_class,
        true_events.missing_cause,
        true_events.sku,
        true_events.location_id,
        true_events.quantity,
        true_events.evidence_id,
        true_events.occurred_at,
        told.told_id,
        told.evidence_id as told_evidence_id,
        told.told_sku,
        told.is_known_sku as is_told_sku_known,
        told.location_id as told_location_id,
        told.quantity as told_quantity,
        told.occurred_at as told_occurred_at,
        told.recorded_at as known_at,
        matches.wave,
        coalesce(matches.confidence, 1) as confidence,
        paces.usual_lag_seconds,
        runs.usually_recorded_on,
        horizons.books_in_runs,
        horizons.last_told_at
    from true_events
    semi join touched
        on true_events.system = touched.system and true_events.sku = touched.sku
    inner join habits
        on
            true_events.system = habits.system
            and true_events.event_class = habits.event_class
            and true_events.is_opening = habits.is_opening
            and habits.is_usually_told
    inner join paces on true_events.system = paces.system
    inner join horizons
        on
            true_events.system = horizons.system
            and true_events.occurred_at >= horizons.first_told_at
    -- left: what was never told is what this model is there to find
    left join matches
        on true_events.system = matches.system and true_events.event_id = matches.event_id
    left join told on matches.system = told.system and matches.told_id = told.told_id
    left join runs
        on
            true_events.system = runs.system
            and cast(true_events.occurred_at as date) = runs.occurred_on
    union all
    select
        owned.source_system as system,
        owned.event_id,
        owned.event_name as event_class,
        cast(null as varchar) as missing_cause,
        owned.sku,
        owned.location_id,
        owned.quantity,
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
