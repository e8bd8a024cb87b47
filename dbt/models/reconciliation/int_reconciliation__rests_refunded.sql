-- A refund that its system counts as goods that are back: what no event explains of a claim is
-- exactly what it refunded and the owner has not got, or not put back yet. One such claim may be
-- chance: it must be so for most of the refunds that the system has out.
with

rests as (
    select * from {{ ref('int_reconciliation__rests') }}
),

returns as (
    select * from {{ ref('stg_landing__returns') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name in ('returns.received', 'returns.restocked') and not is_told_twice
),

refunds as (
    select
        source_system as system,
        return_id,
        sku,
        location_id,
        sum(quantity) as quantity,
        list_sort(
            list({{ evidence_id('source_system', "'returns.' || event_type", 'source_event_key') }})
        ) as evidence,
        min(recorded_at) as begins_at
    from returns
    where event_type = 'refunded'
    group by source_system, return_id, sku, location_id
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
        min(occurred_at) filter (where event_name = 'returns.received') as received_at,
        min(occurred_at) filter (where event_name = 'returns.restocked') as restocked_at
    from owned
    group by return_id, sku
),

awaited as (
    select
        refunds.*,
        arrived.received_at,
        arrived.restocked_at
    from refunds
    anti join handled
        on
            refunds.system = handled.system
            and refunds.return_id = handled.return_id
            and refunds.sku = handled.sku
    -- left: the goods may never come
    left join arrived on refunds.return_id = arrived.return_id and refunds.sku = arrived.sku
),

answered as (
    select
        rests.claim_id,
        rests.system,
        cast(rests.rest_quantity as bigint) as quantity,
        cast(0.6 as decimal(9, 4)) as confidence,
        list_sort(flatten(list(awaited.evidence))) as evidence
    from rests
    inner join awaited
        on
            rests.system = awaited.system
            and rests.sku = awaited.sku
            and rests.as_of >= awaited.begins_at
    where
        rests.quantity_kind != 'count'
        and list_contains(string_split(rests.scope, '+'), 'available')
        and (
            rests.place = '*'
            or awaited.location_id is null
            or rests.place = awaited.location_id
        )
        and coalesce(
            rests.as_of < case
                when list_contains(string_split(rests.scope, '+'), 'returned')
                    then awaited.received_at
                else awaited.restocked_at
            end,
            true
        )
    group by rests.claim_id, rests.system, rests.rest_quantity
    having sum(awaited.quantity) = rests.rest_quantity
),

seen as (
    select
        system,
        count(distinct refund_id) as seen_count
    from (
        select
            system,
            unnest(evidence) as refund_id
        from answered
    ) as told
    group by system
),

made as (
    select
        system,
        sum(len(evidence)) as made_count
    from awaited
    group by system
),

final as (
    select
        answered.claim_id,
        answered.quantity,
        answered.confidence,
        answered.evidence
    from answered
    inner join seen on answered.system = seen.system
    inner join made on answered.system = made.system
    where seen.seen_count >= 0.5 * made.made_count
)

select * from final
