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
    select * from {{ ref('int_ledger__suspended') }}
),

owned as (
    select
        *,
        {{ evidence_id('source_system', 'event_name', 'source_event_key') }} as evidence_id
    from {{ ref('int_ledger__events_owned') }}
),

stated_bills as (
    select * from {{ ref('stg_landing__bills_of_materials') }}
),

endless as (
    select * from {{ ref('dim_bills_of_materials') }}
    where is_endless
),

contested as (
    select * from {{ ref('int_ledger__events_contested') }}
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

endless_bills as (
    select
        'bill_endless' as exception_type,
        'warning' as severity,
        kit_sku as subject,
        kit_sku as sku,
        cast(null as varchar) as location_id,
        cast(null as bigint) as quantity,
        cast(null as decimal(38, 4)) as amount,
        'The bill of materials of ' || kit_sku || ' comes back to itself or goes deeper than '
        || {{ var('largest_bill_depth') }} || ' kits inside each other. Until it is corrected, '
        || kit_sku || ' asks only for what its own bill names.' as detail,
        cast(null as varchar) as evidence,
        min(recorded_at) as first_seen_at
    from stated_bills
    semi join endless on stated_bills.kit_sku = endless.kit_sku
    group by kit_sku
),

contested_places as (
    select
        event_name,
        location_id,
        min_by(source_system, preference) as preferred_system,
        array_to_string(
            list_sort(list(distinct source_system) filter (where preference > 1)), ' and '
        ) as others,
        cast(sum(abs(quantity)) filter (where preference > 1) as bigint) as quantity,
        coalesce(sum(abs(quantity)) filter (where is_echo), 0) as echoed_quantity,
        min(occurred_at) filter (where preference > 1) as first_seen_at
    from contested
    group by event_name, location_id
),

undeclared as (
    select
        'owner_undeclared' as exception_type,
        'warning' as severity,
        concat_ws(' · ', event_name, location_id) as subject,
        cast(null as varchar) as sku,
        location_id,
        quantity,
        cast(null as decimal(38, 4)) as amount,
        preferred_system || ' and ' || others || ' both tell of ' || event_name || ' at '
        || location_id || ', and nothing says who is believed. Of the ' || quantity
        || ' units that ' || others || ' told of, ' || echoed_quantity
        || ' are told of by a preferred system too and are not booked again; '
        || quantity - echoed_quantity || ' are booked. Send system_of_record with '
        || 'event_type,location_id,system: ' || event_name || ',' || location_id || ','
        || preferred_system || ', or another system.' as detail,
        cast(null as varchar) as evidence,
        first_seen_at
    from contested_places
),

final as (
    {% for kind in [
        'negative_balances', 'flagged_movements', 'suspended', 'told_twice', 'endless_bills',
        'undeclared',
    ] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
