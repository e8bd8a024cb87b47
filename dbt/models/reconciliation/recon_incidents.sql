-- What went wrong once, however many claims show it after: a difference of a system's story, or a
-- rest that stayed the same from one claim of the same stock to the next.
with

observed as (
    select * from {{ ref('int_reconciliation__observed') }}
),

differences as (
    select * from {{ ref('recon_differences') }}
),

variances as (
    select * from {{ ref('recon_variances') }}
),

causes as (
    select * from {{ ref('recon_causes') }}
),

explained as (
    select * from {{ ref('int_reconciliation__explained') }}
),

events as (
    select
        *,
        {{ evidence_id('source_system', 'event_name', 'source_event_key') }} as evidence_id
    from {{ ref('int_ledger__events_owned') }}
),

purchase_orders as (
    select * from {{ ref('stg_landing__purchase_orders') }}
),

pickers as (
    select
        order_id,
        order_line_id,
        {{ latest_by('worker_id', 'occurred_at') }} as worker_id
    from events
    where event_name = 'fulfilment_events.picked'
    group by order_id, order_line_id
),

products as (
    select * from {{ ref('dim_products') }}
),

shown as (
    select
        difference_id,
        count(*) as claim_count,
        arg_min(claim_id, row(as_of, claim_id)) as first_claim_id,
        min(recorded_at) as detected_at
    from observed
    group by difference_id
),

told as (
    select
        differences.difference_id as incident_id,
        differences.system,
        differences.location_id,
        cast(null as varchar) as channel_id,
        differences.sku,
        differences.lot_id,
        differences.scope,
        differences.cause,
        differences.quantity,
        differences.confidence,
        differences.evidence,
        shown.claim_count,
        shown.first_claim_id,
        differences.valid_from as began_at,
        shown.detected_at,
        nullif(differences.valid_to, timestamp '9999-12-31') as ended_at
    from differences
    inner join shown on differences.difference_id = shown.difference_id
),

-- claims of the same stock one after the other
sequenced as (
    select
        *,
        row_number() over following as number,
        lag(as_of) over following as claimed_before_at,
        lead(as_of) over following as claimed_next_at
    from variances
    window
        following as (
            partition by system, location_id, channel_id, sku, lot_id, quantity_kind
            order by as_of, claim_id
        )
),

rests as (
    select
        sequenced.*,
        causes.cause,
        causes.quantity - coalesce(explained.quantity, 0) as quantity,
        causes.confidence,
        causes.evidence
    from causes
    inner join sequenced on causes.claim_id = sequenced.claim_id
    -- left: a cause that no event proves
    left join explained
        on causes.claim_id = explained.claim_id and causes.cause = explained.cause
    where causes.quantity != coalesce(explained.quantity, 0)
),

-- a count ends what it finds, so the next one that finds as much has found it anew
islands as (
    select
        *,
        number - row_number() over (
            partition by
                system, location_id, channel_id, sku, lot_id, quantity_kind, cause, quantity
            order by number
        ) as island,
        case when quantity_kind = 'count' then claim_id end as own_claim_id
    from rests
),

set_without_telling as (
    select
        md5(concat_ws('|', arg_min(claim_id, number), cause)) as incident_id,
        system,
        location_id,
        channel_id,
        sku,
        lot_id,
        any_value(scope) as scope,
        cause,
        quantity,
        min(confidence) as confidence,
        arg_min(evidence, number) as evidence,
        count(*) as claim_count,
        arg_min(claim_id, number) as first_claim_id,
        arg_min(coalesce(claimed_before_at, as_of), number) as began_at,
        min(recorded_at) as detected_at,
        case
            when quantity_kind = 'count' then min(as_of)
            else arg_max(claimed_next_at, number)
        end as ended_at
    from islands
    group by
        system, location_id, channel_id, sku, lot_id, quantity_kind, cause, quantity, island,
        own_claim_id
),

gathered as (
    select * from told
    union all
    select * from set_without_telling
),

proofs as (
    select
        incident_id,
        unnest(evidence) as evidence_id
    from gathered
),

-- who did what the owner's own events tell of, the last of them where it is several
done as (
    select
        proofs.incident_id,
        {{ latest_by('coalesce(events.worker_id, pickers.worker_id)', 'events.occurred_at') }}
            as worker_id,
        {{ latest_by('purchase_orders.supplier_id', 'events.occurred_at') }} as supplier_id
    from proofs
    inner join events on proofs.evidence_id = events.evidence_id
    -- left: most events are no picks, and of no purchase order
    left join pickers
        on
            events.order_id = pickers.order_id
            and events.order_line_id = pickers.order_line_id
    left join purchase_orders
        on
            events.po_id = purchase_orders.po_id
            and events.po_line_id = purchase_orders.po_line_id
    group by proofs.incident_id
),

final as (
    select
        gathered.incident_id,
        gathered.system,
        gathered.location_id,
        gathered.channel_id,
        gathered.sku,
        gathered.lot_id,
        gathered.scope,
        gathered.cause,
        gathered.quantity,
        cast(gathered.quantity * coalesce(products.unit_cost_amount, 0) as decimal(18, 4))
            as amount,
        gathered.confidence,
        gathered.evidence,
        done.worker_id,
        done.supplier_id,
        gathered.claim_count,
        gathered.first_claim_id,
        gathered.began_at,
        gathered.detected_at,
        {{ seconds_between('gathered.began_at', 'gathered.detected_at') }} / 3600.0
            as hours_to_detect,
        gathered.ended_at
    from gathered
    -- left: a rest has no event, and a claim may be on an unknown code
    left join done on gathered.incident_id = done.incident_id
    left join products on gathered.sku = products.sku
)

select * from final
