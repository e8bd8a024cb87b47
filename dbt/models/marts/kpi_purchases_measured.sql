with

purchases as (
    select * from {{ ref('fct_receipts') }}
    where status is null or lower(status) not like 'cancel%'
),

received as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name = 'receipts.received' and not is_told_twice
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

by_due as (
    select
        purchases.po_id,
        purchases.po_line_id,
        cast(
            sum(received.quantity) filter (where received.occurred_at <= purchases.first_due_at)
            as bigint
        ) as first_due_quantity,
        cast(
            sum(received.quantity) filter (where received.occurred_at <= purchases.due_at)
            as bigint
        ) as revised_due_quantity
    from purchases
    inner join received
        on
            purchases.po_id = received.po_id
            and purchases.po_line_id = received.po_line_id
    group by purchases.po_id, purchases.po_line_id
),

final as (
    select
        purchases.po_id,
        purchases.po_line_id,
        purchases.supplier_id,
        purchases.sku,
        purchases.location_id,
        purchases.ordered_quantity,
        purchases.received_quantity,
        purchases.rejected_quantity,
        least(coalesce(by_due.first_due_quantity, 0), purchases.ordered_quantity)
            as first_due_quantity,
        least(coalesce(by_due.revised_due_quantity, 0), purchases.ordered_quantity)
            as revised_due_quantity,
        {{ hours_between('purchases.ordered_at', 'purchases.first_received_at') }}
            as lead_time_hours,
        {{ hours_between('purchases.ordered_at', 'purchases.first_due_at') }} as quoted_hours,
        {{ hours_between('purchases.first_arrived_at', 'purchases.last_put_away_at') }}
            as dock_hours,
        {% for step in ['first_due', 'due', 'first_received', 'last_put_away'] -%}
        {{ local_date('purchases.' ~ step ~ '_at', "coalesce(locations.time_zone, 'UTC')") }}
            as {{ step }}_on,
        {% endfor -%}
        coalesce(purchases.first_due_at < clock.as_of_at, false) as is_due,
        coalesce(purchases.due_at < clock.as_of_at, false) as is_revised_due,
        purchases.put_away_quantity > 0
        and purchases.put_away_quantity + purchases.rejected_quantity
        >= purchases.received_quantity as is_put_away
    from purchases
    cross join clock
    -- left: an order may still wait for its goods, and may not say where they go
    left join by_due
        on
            purchases.po_id = by_due.po_id
            and purchases.po_line_id = by_due.po_line_id
    left join locations on purchases.location_id = locations.location_id
)

select * from final
