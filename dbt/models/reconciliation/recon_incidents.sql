-- What went wrong once, however many claims show it after, and in however many places and kinds of
-- quantity: a difference of a system's story, or what it set without telling.
with

{% set parts = ['told', 'set'] -%}
{% for part in parts -%}
{{ part }}_once as (
    select * from {{ ref('int_reconciliation__incidents_' ~ part) }}
),

{% endfor -%}
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

gathered as (
    {% for part in parts -%}
    select * from {{ part }}_once
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
        gathered.net_quantity,
        cast(gathered.quantity * coalesce(products.unit_cost_amount, 0) as decimal(18, 4))
            as amount,
        gathered.confidence,
        gathered.evidence,
        done.worker_id,
        done.supplier_id,
        gathered.quantity_kinds,
        gathered.shown_in,
        gathered.claim_count,
        gathered.first_claim_id,
        gathered.last_claim_id,
        gathered.cause in ('sync_delay', 'cut_off') as is_mending,
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
