-- Whether a system knows what it never told of, as its claims say: between two claims of one stock
-- that such events lie between, the variance stays where the system knew of them, and steps by
-- their units where it did not. What it tells of at times it would tell of if it knew, until
-- claims say otherwise; of what it never tells it may know in silence. What its claims at one place
-- say is weighed against what they say everywhere.
{%- set weight = var('hearing_weight') %}
with

untold as (
    select
        *,
        coalesce(location_id, '*') as place
    from {{ ref('int_reconciliation__events_untold') }}
),

true_events as (
    select * from {{ ref('int_reconciliation__events_true') }}
),

matches as (
    select * from {{ ref('int_reconciliation__matches') }}
),

effects as (
    select * from {{ ref('int_reconciliation__effects') }}
),

steps as (
    select * from {{ ref('int_reconciliation__steps') }}
),

passed as (
    select
        steps.claim_id,
        untold.system,
        untold.event_class,
        untold.is_opening,
        untold.place,
        any_value(steps.step_quantity) as step_quantity,
        sum(effects.quantity) as quantity
    from untold
    inner join effects on untold.event_id = effects.event_id and untold.sku = effects.sku
    inner join steps
        on
            untold.system = steps.system
            and effects.scope = steps.scope
            and effects.sku = steps.sku
            and effects.occurred_at > steps.claimed_before_at
            and effects.occurred_at <= steps.as_of
    where
        (steps.location_id is null or steps.location_id = effects.location_id)
        and (steps.lot_id is null or steps.lot_id = effects.lot_id)
    group by
        steps.claim_id, untold.system, untold.event_class, untold.is_opening, untold.place
    having sum(effects.quantity) != 0
),

weighed as (
    select
        *,
        sum(quantity) over (partition by claim_id) as passed_quantity
    from passed
),

voted as (
    select
        system,
        event_class,
        is_opening,
        place,
        count(*) filter (where step_quantity = 0) as known_count,
        count(*) filter (where step_quantity = -passed_quantity) as unknown_count
    from weighed
    where passed_quantity != 0
    group by system, event_class, is_opening, place
),

shares as (
    select
        true_events.system,
        true_events.event_class,
        true_events.is_opening,
        count(matches.event_id) / cast(count(*) as double) as told_share
    from true_events
    -- left: most classes are told, and of them not all events
    left join matches
        on true_events.system = matches.system and true_events.event_id = matches.event_id
    group by true_events.system, true_events.event_class, true_events.is_opening
),

classes as (
    select
        shares.system,
        shares.event_class,
        shares.is_opening,
        (
            coalesce(sum(voted.unknown_count), 0)
            + {{ weight }}
            * case when shares.told_share > 0 then (1 + shares.told_share) / 2 else 0 end
        ) / (coalesce(sum(voted.unknown_count + voted.known_count), 0) + {{ weight }}) as support
    from shares
    -- left: no claim may say anything
    left join voted
        on
            shares.system = voted.system
            and shares.event_class = voted.event_class
            and shares.is_opening = voted.is_opening
    group by shares.system, shares.event_class, shares.is_opening, shares.told_share
),

places as (
    select distinct
        system,
        event_class,
        is_opening,
        place
    from untold
),

final as (
    select
        places.system,
        places.event_class,
        places.is_opening,
        places.place,
        cast(coalesce(voted.known_count, 0) as bigint) as known_count,
        cast(coalesce(voted.unknown_count, 0) as bigint) as unknown_count,
        cast(
            (coalesce(voted.unknown_count, 0) + {{ weight }} * classes.support)
            / (
                coalesce(voted.unknown_count, 0) + coalesce(voted.known_count, 0) + {{ weight }}
            ) as decimal(9, 4)
        ) as support
    from places
    inner join classes
        on
            places.system = classes.system
            and places.event_class = classes.event_class
            and places.is_opening = classes.is_opening
    -- left: no claim of the place may say anything
    left join voted
        on
            places.system = voted.system
            and places.event_class = voted.event_class
            and places.is_opening = voted.is_opening
            and places.place = voted.place
)

select * from final
