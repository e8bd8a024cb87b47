-- A pack or shipment that names no lot carries the lots its line was picked in, first picked first:
-- the overlap of two cumulative spans.
with

owned as (
    select * from {{ ref('int_ledger__events_owned') }}
    where event_name like 'fulfilment_events.%' and not is_told_twice
),

picked as (
    select
        *,
        sum(quantity) over (
            partition by order_id, order_line_id, sku, location_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as picked_end
    from owned
    where event_name = 'fulfilment_events.picked' and lot_id is not null
),

unlotted as (
    select
        *,
        sum(quantity) over (
            partition by event_name, order_id, order_line_id, sku, location_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as carried_end
    from owned
    where event_name in ('fulfilment_events.packed', 'fulfilment_events.shipped') and lot_id is null
),

overlapping as (
    select
        unlotted.event_id,
        picked.lot_id,
        min(picked.picked_end) as picked_end,
        any_value(unlotted.quantity) as event_quantity,
        cast(
            sum(
                least(unlotted.carried_end, picked.picked_end)
                - greatest(
                    unlotted.carried_end - unlotted.quantity, picked.picked_end - picked.quantity
                )
            ) as bigint
        ) as quantity
    from unlotted
    inner join picked
        on
            unlotted.order_id = picked.order_id
            and unlotted.order_line_id = picked.order_line_id
            and unlotted.sku = picked.sku
            and unlotted.location_id = picked.location_id
            and unlotted.carried_end > picked.picked_end - picked.quantity
            and picked.picked_end > unlotted.carried_end - unlotted.quantity
    group by unlotted.event_id, picked.lot_id
),

-- what was never picked in a lot keeps none
rest as (
    select
        event_id,
        cast(null as varchar) as lot_id,
        cast(null as bigint) as picked_end,
        cast(any_value(event_quantity) - sum(quantity) as bigint) as quantity
    from overlapping
    group by event_id
),

gathered as (
    select
        event_id,
        lot_id,
        picked_end,
        quantity
    from overlapping
    union all
    select * from rest
    where quantity > 0
),

final as (
    select
        event_id,
        cast(
            row_number() over (
                partition by event_id order by picked_end nulls last, lot_id
            ) as integer
        ) as lot_number,
        lot_id,
        quantity
    from gathered
)

select * from final
