with

receipts as (
    select * from {{ ref('fct_receipts') }}
),

late as (
    select * from {{ ref('fct_late_supply') }}
),

clock as (
    select * from {{ ref('clock') }}
),

short_receipts as (
    select
        'short_receipt' as exception_type,
        'warning' as severity,
        po_id || ' · ' || po_line_id as subject,
        sku,
        location_id,
        ordered_quantity - received_quantity as quantity,
        cast((ordered_quantity - received_quantity) * unit_cost_amount as decimal(38, 4))
            as amount,
        'Received ' || received_quantity || ' of ' || ordered_quantity || ' ordered from '
        || supplier_id || '.' as detail,
        cast(null as varchar) as evidence,
        last_received_at as first_seen_at
    from receipts
    where received_quantity > 0 and received_quantity < ordered_quantity
),

pending_received as (
    select
        'pending_order_received' as exception_type,
        'warning' as severity,
        po_id as subject,
        case when count(distinct sku) = 1 then max(sku) end as sku,
        max(location_id) as location_id,
        cast(sum(received_quantity - rejected_quantity) as bigint) as quantity,
        cast(
            sum((received_quantity - rejected_quantity) * unit_cost_amount) as decimal(38, 4)
        ) as amount,
        'Purchase order ' || po_id || ' is still pending in ' || max(source_system)
        || ' although it holds ' || sum(received_quantity - rejected_quantity)
        || ' units received and kept.' as detail,
        cast(null as varchar) as evidence,
        min(first_received_at) as first_seen_at
    from receipts
    where lower(status) = 'pending' and received_quantity > 0
    group by po_id
),

never_received as (
    select
        'purchase_line_not_received' as exception_type,
        case when due_at < clock.as_of_at then 'warning' else 'info' end as severity,
        po_id || ' · ' || po_line_id as subject,
        sku,
        location_id,
        ordered_quantity as quantity,
        cast(ordered_quantity * unit_cost_amount as decimal(38, 4)) as amount,
        'Nothing of the ' || ordered_quantity || ' ordered from ' || supplier_id
        || ' has been received' || coalesce('; it was due ' || cast(due_at as date), '') || '.'
            as detail,
        cast(null as varchar) as evidence,
        coalesce(due_at, ordered_at) as first_seen_at
    from receipts
    cross join clock
    where received_quantity = 0 and coalesce(due_at, ordered_at) < clock.as_of_at
),

endangering as (
    select
        'late_supply' as exception_type,
        'warning' as severity,
        concat_ws(' · ', coalesce(po_id, transfer_id), po_line_id, sku) as subject,
        sku,
        location_id,
        late_quantity as quantity,
        endangered_amount as amount,
        late_quantity || ' ' || sku || coalesce(' from ' || supplier_id, '') || ' are '
        || days_late || ' days late; ' || endangered_line_count
        || ' order lines go short of them: ' || array_to_string(endangered_lines[1:5], ', ')
        || case when endangered_line_count > 5 then ', …' else '' end as detail,
        cast(null as varchar) as evidence,
        cast(due_on as timestamp) as first_seen_at
    from late
    where endangered_line_count > 0
),

not_arrived as (
    select
        'transfer_not_arrived' as exception_type,
        'warning' as severity,
        concat_ws(' · ', transfer_id, sku) as subject,
        sku,
        location_id,
        late_quantity as quantity,
        cast(null as decimal(38, 4)) as amount,
        late_quantity || ' ' || sku || ' of transfer ' || transfer_id
        || ' left and have not arrived at ' || location_id || ', ' || days_late
        || ' days after such transfers do.' as detail,
        cast(null as varchar) as evidence,
        cast(due_on as timestamp) as first_seen_at
    from late
    where supply_kind = 'transfer'
),

final as (
    {% for kind in [
        'short_receipts', 'pending_received', 'never_received', 'endangering', 'not_arrived',
    ] -%}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
