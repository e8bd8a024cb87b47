with

balances as (
    select * from {{ ref('fct_stock_balances') }}
),

below_zero as (
    select * from {{ ref('int_control__balances_below_zero') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

suspense as (
    select * from {{ ref('fct_suspense') }}
),

owned as (
    select
        *,
        {{ evidence_id('source_system', 'event_name', 'source_event_key') }} as evidence_id
    from {{ ref('int_ledger__events_owned') }}
),

negative_balances as (
    select
        'negative_balance' as exception_type,
        'warning' as severity,
        concat_ws(' · ', balances.location_id, balances.sku, balances.state) as subject,
        balances.sku,
        balances.location_id,
        balances.quantity,
        balances.amount,
        'The ' || balances.state || ' balance of ' || balances.sku || ' at '
        || balances.location_id || ' is ' || balances.quantity
        || '. Count it, then record an adjustment.' as detail,
        cast(null as varchar) as evidence,
        below_zero.below_since_at as first_seen_at
    from balances
    inner join below_zero
        on
            balances.location_id = below_zero.location_id
            and balances.sku = below_zero.sku
            and balances.lot_id is not distinct from below_zero.lot_id
            and balances.state = below_zero.state
    where balances.is_short
),

flagged_movements as (
    select
        flag as exception_type,
        case when flag = 'illegal_transition' then 'warning' else 'info' end as severity,
        concat_ws(' · ', movements.source_system, movements.movement_type, movements.sku)
            as subject,
        movements.sku,
        movements.from_location_id as location_id,
        movements.quantity,
        cast(null as decimal(38, 4)) as amount,
        movements.movement_type || ' of ' || movements.quantity || ' ' || movements.sku
        || ' from ' || movements.from_state || ' to ' || movements.to_state || ' by '
        || movements.source_system || ' is booked and flagged ' || movements.flag || '.'
            as detail,
        owned.evidence_id as evidence,
        movements.occurred_at as first_seen_at
    from movements
    inner join owned on movements.event_id = owned.event_id
    where movements.flag is not null and movements.flag not in ('negative_balance', 'beyond_order')
),

suspended as (
    select
        'beyond_order' as exception_type,
        'warning' as severity,
        concat_ws(' · ', replace(reference_type, '_', ' ') || ' ' || reference_id, sku) as subject,
        sku,
        location_id,
        abs(quantity) as quantity,
        abs(amount) as amount,
        abs(quantity) || ' ' || sku
        || case when quantity > 0 then ' left' else ' arrived' end || ' beyond what '
        || replace(reference_type, '_', ' ') || ' ' || reference_id || ' asked for, '
        || age_days || ' days ago. Correct the document, send them back, or adjust.' as detail,
        cast(null as varchar) as evidence,
        first_at as first_seen_at
    from suspense
),

told_twice as (
    select
        'duplicate_event' as exception_type,
        'warning' as severity,
        evidence_id as subject,
        sku,
        location_id,
        quantity,
        cast(null as decimal(38, 4)) as amount,
        source_system || ' told of one ' || event_name || ' twice; the second telling, '
        || evidence_id || ', is kept and not booked.' as detail,
        evidence_id as evidence,
        occurred_at as first_seen_at
    from owned
    where is_told_twice
),

final as (
    {% for kind in [
        'negative_balances', 'flagged_movements', 'suspended', 'told_twice',
    ] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
