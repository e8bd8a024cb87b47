-- What an order's own events say of its pick, without a scanner: another item came back, the parcel
-- weighs what another SKU weighs, or what was not found was there at the next count.
with

picks as (
    select * from {{ ref('int_reconciliation__picks') }}
),

returns as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name = 'returns.received' and not is_told_twice and order_id is not null
),

faults as (
    select * from {{ ref('return_faults') }}
    where fault = 'wrong_item'
),

weighed as (
    select * from {{ ref('int_reconciliation__picks_by_weight') }}
),

fulfilment_events as (
    select * from {{ ref('stg_landing__fulfilment_events') }}
    where event_type = 'short_picked' and location_id is not null
),

counts as (
    select * from {{ ref('recon_variances') }}
    where quantity_kind = 'count' and location_id is not null
),

-- a return is held against every SKU its line was served with: a kit has several
held as (
    select
        returns.sku as returned_sku,
        returns.quantity as returned_quantity,
        {{ evidence_id('returns.source_system', 'returns.event_name', 'returns.source_event_key') }}
            as return_evidence_id,
        returns.occurred_at as returned_at,
        faults.reason is not null as is_called_wrong,
        picks.*,
        bool_or(returns.sku = picks.sku) over line as is_same_sku,
        count(*) over line as candidate_count
    from returns
    inner join picks
        on returns.order_id = picks.order_id and returns.order_line_id = picks.line_id
    -- left: most returns have no fault of the seller's
    left join faults on lower(returns.reason) = faults.reason
    window line as (partition by returns.event_id)
),

returned as (
    select
        'wrong_item_return' as signal,
        location_id,
        order_id,
        line_id,
        sku,
        case when not is_same_sku then returned_sku end as other_sku,
        worker_id,
        bin_id,
        least(quantity, returned_quantity) as quantity,
        -- what the customer calls wrong and the site sees as another SKU is nearly proof
        case when is_same_sku then 0.5 when is_called_wrong then 0.95 else 0.6 end
        / candidate_count as confidence,
        [evidence_id, return_evidence_id] as evidence,
        picked_at,
        returned_at as seen_at
    from held
    where (is_called_wrong and (sku = returned_sku or not is_same_sku)) or not is_same_sku
),

by_weight as (
    select
        'parcel_weight' as signal,
        weighed.location_id,
        weighed.order_id,
        weighed.line_id,
        weighed.sku,
        weighed.other_sku,
        picks.worker_id,
        picks.bin_id,
        weighed.quantity,
        0.8 / weighed.candidate_count as confidence,
        list_distinct([picks.evidence_id, weighed.evidence_id]) as evidence,
        picks.picked_at,
        weighed.shipped_at as seen_at
    from weighed
    inner join picks
        on
            weighed.location_id = picks.location_id
            and weighed.order_id = picks.order_id
            and weighed.line_id = picks.line_id
            and weighed.sku = picks.sku
),

-- the next count of what could not be found misses nothing: it was there, or in another's bin
found as (
    select
        'short_pick_found' as signal,
        events.location_id,
        events.order_id,
        events.line_id,
        events.sku,
        cast(null as varchar) as other_sku,
        events.worker_id,
        events.bin_id,
        events.quantity,
        0.7 as confidence,
        [
            {{ evidence_id(
                'events.source_system', "'fulfilment_events.' || events.event_type",
                'events.source_event_key',
            ) }},
            counts.claim_id,
        ] as evidence,
        events.occurred_at as picked_at,
        counts.as_of as seen_at
    from fulfilment_events as events
    inner join counts
        on
            events.location_id = counts.location_id
            and events.sku = counts.sku
            and coalesce(events.lot_id, counts.lot_id, '') = coalesce(counts.lot_id, '')
            and events.occurred_at < counts.as_of
            and counts.as_of <= events.occurred_at
            + interval ({{ var('short_pick_found_days') }}) day
    qualify
        row_number() over (
            partition by events.source_system, events.source_event_key, events.line_id
            order by counts.as_of, counts.claim_id
        ) = 1
        and counts.variance_quantity >= 0
),

gathered as (
    select * from returned
    union all
    select * from by_weight
    union all
    select * from found
),

final as (
    select
        md5(concat_ws('|', signal, location_id, order_id, line_id, sku, evidence)) as signal_id,
        signal,
        location_id,
        order_id,
        line_id,
        sku,
        other_sku,
        worker_id,
        bin_id,
        cast(quantity as bigint) as quantity,
        cast(confidence as decimal(9, 4)) as confidence,
        evidence,
        picked_at,
        seen_at
    from gathered
)

select * from final
