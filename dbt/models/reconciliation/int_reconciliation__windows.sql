-- How far a system's instants lie from the owner's, as what it tells with a reference shows, and
-- what it tells without one where only one event can be meant. Nineteen times of twenty and a
-- quarter more: a posting that is late once widens nothing.
{%- set least = var('match_window_hours_least') * 3600 -%}
{%- set most = var('match_window_hours_most') * 3600 -%}
{%- set document = 'system, match_key, sku, location_id, quantity' %}
with

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
    where is_known_sku
),

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
    where is_class_told
),

{% for side in ['told', 'true_events'] -%}
single_{{ side }} as (
    select
        {{ document }},
        bool_and(has_reference) as has_reference,
        min(occurred_at) as occurred_at
    from {{ side }}
    group by {{ document }}
    having count(*) = 1
),

{% endfor -%}

lags as (
    select
        single_told.system,
        {{ seconds_between('single_true_events.occurred_at', 'single_told.occurred_at') }}
            as lag_seconds
    from single_told
    inner join single_true_events
        on
            single_told.system = single_true_events.system
            and single_told.match_key = single_true_events.match_key
            and single_told.sku = single_true_events.sku
            and single_told.location_id is not distinct from single_true_events.location_id
            and single_told.quantity = single_true_events.quantity
    where
        single_told.has_reference
        or abs(
            {{ seconds_between('single_true_events.occurred_at', 'single_told.occurred_at') }}
        ) <= {{ most }}
),

usual as (
    select
        system,
        1.25 * quantile_cont(-lag_seconds, 0.95) as before_seconds,
        1.25 * quantile_cont(lag_seconds, 0.95) as after_seconds
    from lags
    group by system
),

systems as (
    select distinct system from told
),

final as (
    select
        systems.system,
        cast(
            least({{ most }}, greatest({{ least }}, coalesce(usual.before_seconds, 0))) as double
        ) as before_seconds,
        cast(
            least({{ most }}, greatest({{ least }}, coalesce(usual.after_seconds, 0))) as double
        ) as after_seconds
    from systems
    -- left: a system's tellings may all be of nothing that the owner knows
    left join usual on systems.system = usual.system
)

select * from final
