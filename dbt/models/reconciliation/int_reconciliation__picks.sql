-- A site that reports no pick is judged by what it says it shipped.
with

handled as (
    select
        *,
        {{ evidence_id('source_system', 'event_name', 'source_event_key') }} as evidence_id
    from {{ ref('int_ledger__events_owned') }}
    where
        event_name in ('fulfilment_events.picked', 'fulfilment_events.shipped')
        and not is_told_twice
        and order_id is not null
),

final as (
    select
        location_id,
        order_id,
        order_line_id as line_id,
        sku,
        {{ latest_by('worker_id', 'occurred_at') }} as worker_id,
        {{ latest_by('bin_id', 'occurred_at') }} as bin_id,
        cast(
            coalesce(
                sum(quantity) filter (where event_name = 'fulfilment_events.picked'), sum(quantity)
            ) as bigint
        ) as quantity,
        {{ latest_by('evidence_id', 'occurred_at') }} as evidence_id,
        coalesce(
            max(occurred_at) filter (where event_name = 'fulfilment_events.picked'),
            max(occurred_at)
        ) as picked_at
    from handled
    group by location_id, order_id, order_line_id, sku
)

select * from final
