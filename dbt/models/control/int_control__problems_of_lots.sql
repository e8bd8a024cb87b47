with

breaches as (
    select * from {{ ref('fct_fefo_breaches') }}
),

risks as (
    select * from {{ ref('fct_expiry_risks') }}
),

traces as (
    select * from {{ ref('fct_lot_traces') }}
),

lots as (
    select * from {{ ref('dim_lots') }}
),

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
),

later_lot_picked as (
    select
        'fefo_breach' as exception_type,
        'warning' as severity,
        concat_ws(
            ' · ',
            'order ' || breaches.order_id,
            breaches.order_line_id,
            breaches.sku,
            breaches.lot_id
        ) as subject,
        breaches.sku,
        breaches.location_id,
        breaches.quantity,
        cast(null as decimal(38, 4)) as amount,
        'Lot ' || breaches.lot_id || ' (' || breaches.expires_on || ') went out although '
        || breaches.earlier_free_quantity || ' of lot ' || breaches.earlier_lot_id || ' ('
        || breaches.earlier_expires_on || ') lay free at ' || breaches.location_id || '.'
            as detail,
        {{ evidence_id('owned.source_system', 'owned.event_name', 'owned.source_event_key') }}
            as evidence,
        breaches.occurred_at as first_seen_at
    from breaches
    inner join owned on breaches.event_id = owned.event_id
),

expired_on_sale as (
    select
        'expired_on_sale' as exception_type,
        'warning' as severity,
        concat_ws(' · ', location_id, sku, lot_id) as subject,
        sku,
        location_id,
        sellable_quantity as quantity,
        amount,
        sellable_quantity || ' of lot ' || lot_id || ' of ' || sku || ' at ' || location_id
        || ' can be sold although it expired on ' || expires_on || '. Take it out of sale.'
            as detail,
        cast(null as varchar) as evidence,
        cast(expires_on + 1 as timestamp) as first_seen_at
    from risks
    where is_sellable_though_expired
),

recalled as (
    select
        'recalled_lot_' || traces.trace_type as exception_type,
        'warning' as severity,
        concat_ws(
            ' · ',
            traces.sku,
            traces.lot_id,
            coalesce('order ' || traces.order_id, traces.location_id),
            traces.state
        ) as subject,
        traces.sku,
        traces.location_id,
        traces.quantity,
        cast(null as decimal(38, 4)) as amount,
        'Lot ' || traces.lot_id || ' of ' || traces.sku || ' is recalled; '
        || case
            when traces.trace_type = 'held'
                then
                    traces.quantity || ' are still ' || traces.state || ' at ' || traces.location_id
                    || '. Quarantine them.'
            else
                'order ' || traces.order_id || ' got ' || traces.quantity
                || '. Tell customer ' || coalesce(traces.customer_id, 'unknown') || '.'
        end as detail,
        cast(null as varchar) as evidence,
        lots.recalled_at as first_seen_at
    from traces
    inner join lots on traces.sku = lots.sku and traces.lot_id = lots.lot_id
    where
        lots.is_recalled
        and traces.quantity > 0
        and (
            traces.trace_type = 'shipped'
            or (traces.trace_type = 'held' and traces.state != 'quarantined')
        )
),

final as (
    {% for kind in ['later_lot_picked', 'expired_on_sale', 'recalled'] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
