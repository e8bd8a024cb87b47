-- From when until when a system tells of others' events, how long it usually takes, and whether it
-- books at one hour of the day.
with

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
),

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
    where is_class_told
),

matches as (
    select * from {{ ref('int_reconciliation__matches') }}
),

variances as (
    select * from {{ ref('recon_variances') }}
    where quantity_kind != 'count'
),

-- a system need not carry everything, nor be everywhere
carried as (
    select distinct
        system,
        sku,
        location_id
    from variances
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
    left join variances on spans.system = variances.system
    group by spans.system, spans.first_told_at, spans.last_told_at
),

-- how long it usually takes a system to know: nine times out of ten
paces as (
    select
        true_events.system,
        quantile_cont({{ seconds_between('true_events.occurred_at', 'told.recorded_at') }}, 0.9)
            as usual_lag_seconds
    from true_events
    inner join matches
        on true_events.system = matches.system and true_events.event_id = matches.event_id
    inner join told on matches.system = told.system and matches.told_id = told.told_id
    inner join spans
        on
            true_events.system = spans.system
            and true_events.occurred_at between spans.first_told_at and spans.last_happened_at
    semi join carried
        on
            true_events.system = carried.system
            and true_events.sku = carried.sku
            and coalesce(true_events.location_id = carried.location_id, true)
    group by true_events.system
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

final as (
    select
        heard.system,
        paces.usual_lag_seconds,
        rhythms.books_in_runs,
        heard.first_told_at,
        heard.last_told_at
    from heard
    inner join rhythms on heard.system = rhythms.system
    -- left: it may tell of nothing that the owner knows
    left join paces on heard.system = paces.system
)

select * from final
