-- What a claimant tells of and the owner does not: told twice, restocked before its time, made up.
with

told as (
    select * from {{ ref('int_reconciliation__events_told') }}
),

matches as (
    select * from {{ ref('int_reconciliation__matches') }}
),

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
),

effects as (
    select * from {{ ref('int_reconciliation__effects') }}
),

claimants as (
    select distinct
        system,
        quantity_kind
    from {{ ref('fct_stock_claims') }}
),

kinds as (
    select
        claimants.system,
        kinds.scope,
        list(distinct kinds.state) as states
    from claimants
    inner join {{ ref('int_reconciliation__kinds') }} as kinds
        on claimants.quantity_kind = kinds.quantity_kind
    group by claimants.system, kinds.scope
),

returns as (
    select * from {{ ref('int_reconciliation__returns_timed') }}
),

windows as (
    select * from {{ ref('int_reconciliation__windows') }}
),

unmatched as (
    select
        told.*,
        cast(null as timestamp) as true_at
    from told
    anti join matches on told.system = matches.system and told.told_id = matches.told_id
    union all
    select
        told.*,
        true_events.occurred_at as true_at
    from told
    inner join matches on told.system = matches.system and told.told_id = matches.told_id
    inner join true_events
        on matches.system = true_events.system and matches.event_id = true_events.event_id
    where told.event_class = 'returns.restocked' and told.recorded_at < true_events.occurred_at
),

-- what one unit of such an event did to each scope where it was matched
unit_effects as (
    select
        matches.system,
        true_events.event_class,
        effects.scope,
        round(
            sum(effects.quantity) / cast(nullif(sum(true_events.quantity), 0) as double)
        ) as unit_effect
    from matches
    inner join true_events
        on matches.system = true_events.system and matches.event_id = true_events.event_id
    inner join effects
        on true_events.event_id = effects.event_id and true_events.sku = effects.sku
    where true_events.event_class != 'adjustments.adjusted'
    group by matches.system, true_events.event_class, effects.scope
),

-- one telling of the same event was matched already
matched as (
    select told.*
    from told
    semi join matches on told.system = matches.system and told.told_id = matches.told_id
),

repeated as (
    select
        unmatched.system,
        unmatched.told_id,
        min_by(
            matched.evidence_id,
            row(
                abs({{ seconds_between('matched.occurred_at', 'unmatched.occurred_at') }}),
                matched.evidence_id
            )
        ) as repeated_evidence_id,
        -- by the document, or by nearness in time alone
        max(
            case
                when unmatched.has_reference then 0.9
                else
                    0.9 * (
                        1 - 0.5 * abs(
                            {{ seconds_between('matched.occurred_at', 'unmatched.occurred_at') }}
                        ) / windows.after_seconds
                    )
            end
        ) as confidence
    from unmatched
    inner join windows on unmatched.system = windows.system
    inner join matched
        on
            unmatched.system = matched.system
            and unmatched.match_key = matched.match_key
            and unmatched.sku = matched.sku
            and unmatched.quantity = matched.quantity
            -- without a reference the same place and nearly the same time make it the same
            and (
                unmatched.has_reference
                or (
                    unmatched.location_id is not distinct from matched.location_id
                    and abs(
                        {{ seconds_between('matched.occurred_at', 'unmatched.occurred_at') }}
                    ) <= windows.after_seconds
                )
            )
    where unmatched.true_at is null
    group by unmatched.system, unmatched.told_id
),

sized as (
    select
        unmatched.*,
        kinds.scope,
        cast(
            unmatched.quantity * case
                when unmatched.event_class = 'adjustments.adjusted' and unmatched.from_state is null
                    then case when list_contains(kinds.states, 'available') then 1 else 0 end
                when unmatched.event_class = 'adjustments.adjusted'
                    then
                        cast(list_contains(kinds.states, unmatched.to_state) as integer)
                        - cast(list_contains(kinds.states, unmatched.from_state) as integer)
                when unmatched.event_class like 'postings.%' then 1
                else coalesce(unit_effects.unit_effect, 0)
            end as bigint
        ) as effect_quantity,
        repeated.repeated_evidence_id,
        coalesce(repeated.confidence, 0.9) as confidence,
        repeated.told_id is not null as is_repeated
    from unmatched
    inner join kinds on unmatched.system = kinds.system
    -- left: few tellings are repetitions, and some classes were never matched
    left join unit_effects
        on
            unmatched.system = unit_effects.system
            and unmatched.event_class = unit_effects.event_class
            and kinds.scope = unit_effects.scope
    left join repeated
        on unmatched.system = repeated.system and unmatched.told_id = repeated.told_id
),

-- a restock that the owner never made, or makes later, is one thing before the goods come in,
-- another while they wait, a third once they are found unfit
restocked as (
    select
        sized.system,
        sized.scope,
        sized.sku,
        sized.location_id,
        sized.lot_id,
        spans.cause,
        sized.effect_quantity as quantity,
        sized.confidence,
        [sized.evidence_id] as evidence,
        greatest(sized.recorded_at, spans.begins_at) as valid_from,
        least(spans.ends_at, sized.true_at) as valid_to
    from sized
    inner join returns as spans
        on sized.return_id = spans.return_id and sized.sku = spans.sku
    where
        sized.event_class = 'returns.restocked'
        and not sized.is_repeated
        and coalesce(spans.ends_at > sized.recorded_at, true)
        and coalesce(spans.begins_at < sized.true_at, true)
),

other as (
    select
        system,
        scope,
        sku,
        location_id,
        lot_id,
        case
            when is_repeated and event_class = 'returns.restocked' then 'return_restocked_twice'
            when is_repeated then 'duplicate_event'
            when not is_known_sku then 'product_mapping'
            when event_class in ('adjustments.adjusted', 'postings.adjustment')
                then 'manual_override'
            else 'unexplained'
        end as cause,
        effect_quantity as quantity,
        confidence,
        list_concat(
            [evidence_id],
            case when is_repeated then [repeated_evidence_id] else [] end
        ) as evidence,
        recorded_at as valid_from,
        cast(null as timestamp) as valid_to
    from sized
    where event_class != 'returns.restocked' or is_repeated
),

gathered as (
    select * from restocked
    union all
    select * from other
),

final as (
    select
        system,
        scope,
        sku,
        location_id,
        lot_id,
        cause,
        quantity,
        cast(confidence as decimal(9, 4)) as confidence,
        evidence,
        valid_from,
        valid_to
    from gathered
    where quantity != 0
)

select * from final
