-- Refunds that their system counts as goods that are back: from the next claim on it has just their
-- units too many, and tells of no restock. One such step may be chance: it must be what the system
-- does with most of its refunds, or with those of the SKU again and again.
with

steps as (
    select
        *,
        list_contains(string_split(scope, '+'), 'returned') as has_returned
    from {{ ref('int_reconciliation__steps') }}
    where list_contains(string_split(scope, '+'), 'available')
),

returns as (
    select * from {{ ref('stg_landing__returns') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name in ('returns.received', 'returns.restocked') and not is_told_twice
),

-- what it told of the goods themselves is compared event by event
handled as (
    select distinct
        source_system as system,
        return_id,
        sku
    from returns
    where event_type in ('received', 'restocked')
),

arrived as (
    select
        return_id,
        sku,
        any_value(location_id) as location_id,
        min(occurred_at) filter (where event_name = 'returns.received') as received_at,
        min(occurred_at) filter (where event_name = 'returns.restocked') as restocked_at
    from owned
    group by return_id, sku
),

refunds as (
    select
        md5(concat_ws('|', returns.source_system, returns.return_id, returns.sku)) as refund_id,
        returns.source_system as system,
        returns.return_id,
        returns.sku,
        coalesce(any_value(returns.location_id), any_value(arrived.location_id)) as location_id,
        cast(sum(returns.quantity) as bigint) as quantity,
        list_sort(
            list(
                {{ evidence_id(
                    'returns.source_system', "'returns.' || returns.event_type",
                    'returns.source_event_key',
                ) }}
            )
        ) as evidence,
        any_value(arrived.received_at) as received_at,
        any_value(arrived.restocked_at) as restocked_at,
        min(returns.recorded_at) as begins_at
    from returns
    anti join handled
        on
            returns.source_system = handled.system
            and returns.return_id = handled.return_id
            and returns.sku = handled.sku
    -- left: the goods may never come
    left join arrived on returns.return_id = arrived.return_id and returns.sku = arrived.sku
    where returns.event_type = 'refunded'
    group by returns.source_system, returns.return_id, returns.sku
),

shown as (
    select
        refunds.refund_id,
        refunds.system,
        refunds.sku,
        refunds.quantity,
        refunds.restocked_at is not null as is_restocked,
        refunds.begins_at > steps.claimed_before_at and refunds.begins_at <= steps.as_of
            as is_begun,
        coalesce(
            case
                when steps.has_returned then refunds.received_at
                else refunds.restocked_at
            end <= steps.as_of,
            false
        ) as is_over,
        steps.claim_id,
        steps.step_quantity,
        steps.as_of
    from refunds
    inner join steps
        on
            refunds.system = steps.system
            and refunds.sku = steps.sku
            and refunds.begins_at <= steps.as_of
    where
        steps.lot_id is null
        and (steps.location_id is null or steps.location_id = refunds.location_id)
        and coalesce(
            case when steps.has_returned then refunds.received_at else refunds.restocked_at end
            > steps.claimed_before_at,
            true
        )
),

-- what is refunded and back between two claims shows in neither
compared as (
    select
        *,
        coalesce(
            sum(quantity) filter (where is_begun and not is_over) over claim, 0
        ) as begun_quantity,
        coalesce(
            sum(quantity) filter (where is_over and not is_begun) over claim, 0
        ) as over_quantity,
        -- a step that may be any of several is of none
        count(*) filter (where is_begun and not is_over) over (partition by claim_id, quantity) = 1
            as is_only
    from shown
    window claim as (partition by claim_id)
),

told_apart as (
    select
        *,
        is_begun and not is_over as is_asked,
        (step_quantity = quantity and is_only)
        or (step_quantity = begun_quantity - over_quantity and step_quantity != 0) as is_answered
    from compared
),

judged as (
    select
        refund_id,
        any_value(system) as system,
        any_value(sku) as sku,
        any_value(is_restocked) as is_restocked,
        min(as_of) filter (where is_asked and is_answered) as shown_at,
        coalesce(bool_and(step_quantity in (0, -over_quantity)) filter (where is_asked), false)
            as is_not_counted
    from told_apart
    group by refund_id
),

-- several refunds between the same two claims are one sign
habits as (
    select
        system,
        sku,
        count(distinct shown_at) as shown_count,
        count(*) filter (where shown_at is null and is_not_counted) as other_count
    from judged
    group by system, sku
),

systems as (
    select
        system,
        sum(shown_count) / (1 + sum(shown_count + other_count)) as share
    from habits
    group by system
),

supported as (
    select
        judged.refund_id,
        (1 - (1 - systems.share) / habits.shown_count) * case
            when judged.shown_at is not null then 1
            else habits.shown_count / cast(1 + habits.shown_count + habits.other_count as double)
        end as support
    from judged
    inner join habits on judged.system = habits.system and judged.sku = habits.sku
    inner join systems on judged.system = systems.system
    -- what no claim shows for itself is one where the system keeps silent of the owner's restock
    where
        habits.shown_count > 0
        and (judged.shown_at is not null or (judged.is_restocked and not judged.is_not_counted))
),

final as (
    select
        refunds.refund_id,
        refunds.system,
        refunds.return_id,
        refunds.sku,
        refunds.location_id,
        refunds.quantity,
        refunds.evidence,
        cast(supported.support as decimal(9, 4)) as confidence,
        refunds.begins_at
    from refunds
    inner join supported on refunds.refund_id = supported.refund_id
    where supported.support >= 0.5
)

select * from final
