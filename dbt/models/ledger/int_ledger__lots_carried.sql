-- What names no lot carries the lots of the step it belongs to: a pack or shipment those its line
-- was picked in, an announcement those that arrived; the overlap of cumulative spans. A return is
-- of the lot its order was served from, where that was one alone.
{%- set carriers = [
    (['fulfilment_events.packed', 'fulfilment_events.shipped'], 'fulfilment_events.picked'),
    (['receipts.asn_shipped', 'receipts.put_away', 'receipts.rejected'], 'receipts.received'),
    (['transfers.shipped'], 'transfers.received'),
    (['transfers.received'], 'transfers.shipped'),
    (
        ['returns.shipped_back', 'returns.inspected', 'returns.restocked', 'returns.scrapped'],
        'returns.received',
    ),
] %}
with

told as (
    select * from {{ ref('int_ledger__events_owned') }}
    where not is_told_twice
),

served as (
    select
        order_id,
        sku,
        any_value(lot_id) as lot_id
    from told
    where event_name in ('fulfilment_events.picked', 'fulfilment_events.shipped')
    group by order_id, sku
    having count(distinct lot_id) = 1
),

owned as (
    select
        told.* exclude (lot_id),
        coalesce(told.lot_id, served.lot_id) as lot_id,
        told.lot_id is null and served.lot_id is not null as is_as_served,
        concat_ws(
            '|',
            coalesce(told.return_id, told.transfer_id, told.po_id, told.order_id),
            coalesce(told.po_line_id, told.order_line_id),
            case
                when told.transfer_id is null and told.return_id is null then told.location_id
            end
        ) as reference
    from told
    -- left: few events are of returns
    left join served
        on
            told.event_name = 'returns.received'
            and told.order_id = served.order_id
            and told.sku = served.sku
    where coalesce(told.return_id, told.transfer_id, told.po_id, told.order_id) is not null
),

carrying as (
    select
        *,
        case event_name
            {% for unlotted, lotted in carriers -%}
            {% for event_name in unlotted -%}
            when '{{ event_name }}' then '{{ lotted }}'
            {% endfor -%}
            {% endfor -%}
        end as carried_from
    from owned
),

lotted as (
    select
        *,
        sum(quantity) over (
            partition by event_name, reference, sku
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as lotted_end
    from carrying
    where lot_id is not null
),

unlotted as (
    select
        *,
        sum(quantity) over (
            partition by event_name, reference, sku
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as carried_end
    from carrying
    where lot_id is null and carried_from is not null
),

overlapping as (
    select
        unlotted.event_id,
        lotted.lot_id,
        min(lotted.lotted_end) as lotted_end,
        any_value(unlotted.quantity) as event_quantity,
        cast(
            sum(
                least(unlotted.carried_end, lotted.lotted_end)
                - greatest(
                    unlotted.carried_end - unlotted.quantity, lotted.lotted_end - lotted.quantity
                )
            ) as bigint
        ) as quantity
    from unlotted
    inner join lotted
        on
            unlotted.carried_from = lotted.event_name
            and unlotted.reference = lotted.reference
            and unlotted.sku = lotted.sku
            and unlotted.carried_end > lotted.lotted_end - lotted.quantity
            and lotted.lotted_end > unlotted.carried_end - unlotted.quantity
    group by unlotted.event_id, lotted.lot_id
),

-- what never was in a lot keeps none
rest as (
    select
        event_id,
        cast(null as varchar) as lot_id,
        cast(null as bigint) as lotted_end,
        cast(any_value(event_quantity) - sum(quantity) as bigint) as quantity
    from overlapping
    group by event_id
),

gathered as (
    select
        event_id,
        lot_id,
        lotted_end,
        quantity
    from overlapping
    union all
    select * from rest
    where quantity > 0
    union all
    select
        event_id,
        lot_id,
        quantity as lotted_end,
        quantity
    from owned
    where is_as_served
),

final as (
    select
        event_id,
        cast(
            row_number() over (
                partition by event_id order by lotted_end nulls last, lot_id
            ) as integer
        ) as lot_number,
        lot_id,
        quantity
    from gathered
)

select * from final
