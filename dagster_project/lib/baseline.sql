-- What one would write by hand for one known set of files: the generated operating model's
-- files (typed views `<system>_<feed>` over them) to balances, order lines and daily metrics.
-- It keeps no lineage, no quarantine, no exceptions, no allocation, and it knows who owns what:
-- wms everything that moves, the shop its orders and the announcement of returns.

create or replace macro code(word) as upper(trim(word));

create or replace temp table products as
select distinct code(sku) as sku
from master_products;

create or replace temp table locations as
select distinct location_id, timezone as time_zone from master_locations;

create or replace temp table purchase_orders as
select po_id, line_id, quantity * coalesce(numerator, 1) // coalesce(denominator, 1) as quantity
from (
    select * from master_purchase_orders
    qualify row_number() over (partition by po_id, line_id order by recorded_at desc) = 1
) as ordered
left join master_unit_conversions as conversions
    on code(ordered.sku) = conversions.sku and lower(ordered.uom) = conversions.uom;

create or replace temp table orders as
select order_id, channel_id, payment_status, fraud_status, promised_ship_by, cancelled_at,
    cancel_reason, placed_at
from shop_orders
qualify row_number() over (partition by order_id order by recorded_at desc) = 1;

create or replace temp table lines as
select order_id, line_id, code(lines.sku) as sku, quantity
from shop_order_lines as lines
semi join products on code(lines.sku) = products.sku
where quantity >= 1 and recorded_at is not null
qualify row_number() over (partition by order_id, line_id order by recorded_at desc) = 1;

create or replace temp table fulfilment as
select events.source_event_key, event_type, occurred_at, recorded_at, order_id, line_id,
    code(events.sku) as sku, quantity::bigint as quantity, location_id, bin_id
from wms_fulfilment_events as events
semi join products on code(events.sku) = products.sku
qualify row_number() over (partition by source_event_key order by recorded_at) = 1;

create or replace temp table outbound as
with told as (
    select fulfilment.*, lines.quantity as ordered,
        array_position(
            ['reserved', 'unreserved', 'picked', 'unpicked', 'packed', 'shipped'], event_type
        ) as step,
        case
            when event_type = 'shipped' and location_id = 'fc_west' then 'picked'
            when event_type = 'shipped' then 'packed'
            when event_type in ('packed', 'unpicked') then 'picked'
            when event_type in ('unreserved', 'picked') then 'reserved'
            else 'available'
        end as from_state,
        row_number() over (
            partition by event_type, order_id, line_id, fulfilment.sku, bin_id, location_id,
                occurred_at, fulfilment.quantity
            order by recorded_at, source_event_key
        ) as telling,
        sum(fulfilment.quantity) over (partition by event_type, order_id, line_id, fulfilment.sku)
            as told
    from fulfilment
    left join lines using (order_id, line_id)
    where event_type in ('reserved', 'unreserved', 'picked', 'unpicked', 'packed', 'shipped')
),
once as (
    select * from told where not (telling > 1 and told > coalesce(ordered, 0))
),
summed as (
    select *,
        case event_type when 'reserved' then quantity when 'picked' then -quantity
            when 'unreserved' then -quantity else 0 end as change,
        sum(change) over (
            partition by order_id, line_id, sku, location_id
            order by occurred_at, step, source_event_key
            rows between unbounded preceding and current row
        ) as reserved,
        sum(case event_type when 'shipped' then quantity else 0 end) over (
            partition by order_id, line_id order by occurred_at, step, source_event_key
            rows between unbounded preceding and current row
        ) as shipped
    from once
),
floored as (
    select *,
        reserved - least(0, min(reserved) over (
            partition by order_id, line_id, sku, location_id
            order by occurred_at, step, source_event_key
            rows between unbounded preceding and current row
        )) as balance
    from summed
),
taken as (
    select *,
        greatest(0, lag(balance, 1, 0) over (
            partition by order_id, line_id, sku, location_id
            order by occurred_at, step, source_event_key
        ) - balance) as taken
    from floored
)
select order_id, line_id, event_type, occurred_at, location_id, sku, from_state, quantity,
    case event_type when 'picked' then least(quantity, taken) else quantity end::bigint
        as from_first,
    case event_type when 'shipped' then 'customer' when 'unreserved' then 'available'
        when 'unpicked' then 'available' else event_type end as to_state,
    case when event_type = 'shipped' and ordered is not null
        then least(quantity, greatest(0, shipped - ordered)) else 0 end::bigint as excess
from taken;

create or replace temp table inbound as
with receipts as (
    select source_event_key, event_type, occurred_at, recorded_at, code(sku) as sku, quantity,
        po_id, po_line_id, location_id, bin_id
    from wms_receipts
    where event_type in ('asn_shipped', 'received', 'put_away', 'rejected')
    qualify row_number() over (partition by source_event_key order by recorded_at) = 1
),
told as (
    select receipts.*,
        array_position(['asn_shipped', 'received'], event_type) as step,
        case when receipts.po_id is not null then coalesce(purchase_orders.quantity, 0) end as ordered,
        row_number() over (
            partition by event_type, receipts.po_id, po_line_id, sku, bin_id, location_id,
                occurred_at, receipts.quantity
            order by recorded_at, source_event_key
        ) as telling,
        sum(receipts.quantity) over (partition by event_type, receipts.po_id, po_line_id, sku)
            as told
    from receipts
    semi join products on receipts.sku = products.sku
    left join purchase_orders
        on receipts.po_id = purchase_orders.po_id and receipts.po_line_id = purchase_orders.line_id
),
summed as (
    select *,
        case event_type when 'asn_shipped' then quantity when 'received' then -quantity else 0 end
            as change,
        sum(change) over (
            partition by po_id, po_line_id, sku, location_id
            order by occurred_at, step, source_event_key
            rows between unbounded preceding and current row
        ) as announced,
        sum(case event_type when 'received' then quantity else 0 end) over (
            partition by po_id, po_line_id order by occurred_at, step, source_event_key
            rows between unbounded preceding and current row
        ) as received
    from told
    where not (telling > 1 and po_id is not null and told > coalesce(ordered, 0))
),
floored as (
    select *,
        announced - least(0, min(announced) over (
            partition by po_id, po_line_id, sku, location_id
            order by occurred_at, step, source_event_key
            rows between unbounded preceding and current row
        )) as balance
    from summed
),
taken as (
    select *,
        least(quantity, greatest(0, lag(balance, 1, 0) over (
            partition by po_id, po_line_id, sku, location_id
            order by occurred_at, step, source_event_key
        ) - balance)) as announced_part,
        case when ordered is not null
            then least(quantity, greatest(0, received - ordered)) else 0 end as excess
    from floored
)
select event_type, location_id, sku, quantity, announced_part::bigint as announced_part,
    least(quantity - announced_part, excess)::bigint as excess
from taken;

create or replace temp table returned as
with told as (
    select 'wms' as system, source_event_key, event_type, occurred_at, recorded_at,
        code(sku) as sku, quantity, return_id, order_id, order_line_id, disposition, location_id
    from wms_returns
    where event_type in ('received', 'inspected', 'restocked', 'scrapped')
    union all
    select 'shop', source_event_key, event_type, occurred_at, recorded_at, code(sku), quantity,
        return_id, order_id, order_line_id, disposition, location_id
    from shop_returns
    where event_type = 'shipped_back'
),
once as (
    select * from (
        select * from told
        qualify row_number() over (partition by system, source_event_key order by recorded_at) = 1
    )
    semi join products using (sku)
    qualify row_number() over (
        partition by event_type, return_id, order_id, order_line_id, sku, location_id,
            occurred_at, quantity
        order by recorded_at, source_event_key
    ) = 1
),
summed as (
    select *,
        case event_type when 'shipped_back' then quantity when 'received' then -quantity else 0 end
            as change,
        sum(change) over (
            partition by return_id, order_line_id, sku
            order by occurred_at, event_type != 'shipped_back', source_event_key
            rows between unbounded preceding and current row
        ) as announced
    from once
),
floored as (
    select *,
        announced - least(0, min(announced) over (
            partition by return_id, order_line_id, sku
            order by occurred_at, event_type != 'shipped_back', source_event_key
            rows between unbounded preceding and current row
        )) as balance
    from summed
)
select *,
    least(quantity, greatest(0, lag(balance, 1, 0) over (
        partition by return_id, order_line_id, sku
        order by occurred_at, event_type != 'shipped_back', source_event_key
    ) - balance))::bigint as announced_part
from floored;

create or replace temp table transfers as
select event_type, code(sku) as sku, quantity, from_location_id, to_location_id
from wms_transfers
qualify
    row_number() over (partition by source_event_key order by recorded_at) = 1
    and row_number() over (
        partition by event_type, transfer_id, sku, from_location_id, to_location_id, occurred_at,
            quantity
        order by recorded_at, source_event_key
    ) = 1;

create or replace temp table adjustments as
select location_id, code(sku) as sku, abs(quantity) as quantity,
    case
        when from_state is not null and to_state is not null then from_state
        when quantity < 0 then coalesce(from_state, to_state, 'available')
        when lower(reason_code) = 'opening' then 'opening'
        else coalesce(from_state, 'found')
    end as source_state,
    case
        when from_state is not null and to_state is not null then to_state
        when quantity > 0 then coalesce(to_state, 'available')
        when lower(reason_code) = 'opening' then 'opening'
        else 'lost'
    end as target_state
from wms_adjustments
where quantity != 0
qualify row_number() over (partition by source_event_key order by recorded_at) = 1;

create or replace table balances as
with entries as (
    select location_id, sku, from_state as state, -from_first as quantity from outbound
    union all
    select location_id, sku, 'available', from_first - quantity from outbound
    union all
    select location_id, sku, to_state, quantity - excess from outbound
    union all
    select location_id, sku, 'suspense', excess from outbound
    union all
    select location_id, sku,
        case event_type when 'asn_shipped' then 'supplier' else 'receiving' end, -quantity
    from inbound where event_type != 'received'
    union all
    select location_id, sku,
        case event_type when 'asn_shipped' then 'in_transit' when 'put_away' then 'available'
            else 'supplier' end, quantity
    from inbound where event_type != 'received'
    union all
    select location_id, sku, 'receiving', quantity from inbound where event_type = 'received'
    union all
    select location_id, sku, 'in_transit', -announced_part from inbound
    where event_type = 'received'
    union all
    select location_id, sku, 'suspense', -excess from inbound where event_type = 'received'
    union all
    select location_id, sku, 'supplier', announced_part + excess - quantity from inbound
    where event_type = 'received'
    union all
    select coalesce(location_id, 'unknown'), sku,
        unnest(case event_type
            when 'received' then ['return_in_transit', 'customer', 'returned']
            when 'shipped_back' then ['customer', 'return_in_transit']
            when 'restocked' then ['returned', 'available']
            when 'scrapped' then ['returned', 'scrapped']
            else ['returned', disposition]
        end),
        unnest(case event_type
            when 'received' then [-announced_part, announced_part - quantity, quantity]
            else [-quantity, quantity]
        end)
    from returned
    where event_type != 'inspected' or disposition in ('quarantined', 'damaged')
    union all
    select unnest([if(event_type = 'shipped', from_location_id, to_location_id), to_location_id]),
        sku,
        unnest(if(event_type = 'shipped', ['available', 'in_transit'], ['in_transit', 'receiving'])),
        unnest([-quantity, quantity])
    from transfers
    union all
    select location_id, sku, unnest([source_state, target_state]), unnest([-quantity, quantity])
    from adjustments
)
select location_id, entries.sku, state, sum(quantity)::bigint as quantity
from entries
semi join products on entries.sku = products.sku
where quantity != 0
group by all;

create or replace table order_lines as
with moved as (
    select order_id, line_id, max_by(location_id, occurred_at) as location_id,
        sum(quantity - excess) filter (where event_type = 'shipped')::bigint as shipped,
        min(occurred_at) filter (where event_type = 'shipped') as first_shipped_at,
        max(occurred_at) filter (where event_type = 'shipped') as last_shipped_at
    from outbound group by all
),
first_moved as (
    select order_id, line_id, sum(quantity - excess) as first_shipped
    from outbound inner join moved using (order_id, line_id)
    where event_type = 'shipped' and occurred_at = first_shipped_at
    group by all
)
select lines.order_id, lines.line_id, lines.sku, lines.quantity as ordered_quantity,
    coalesce(shipped, 0) as shipped_quantity, coalesce(first_shipped, 0)::bigint as first_quantity,
    case when cancelled_at is not null then greatest(0, lines.quantity - shipped_quantity) else 0 end
        as cancelled_quantity,
    cancelled_at, cancel_reason, placed_at, promised_ship_by, first_shipped_at, last_shipped_at,
    payment_status in ('failed', 'pending') or fraud_status in ('rejected', 'review') as is_held,
    coalesce(time_zone, 'UTC') as time_zone
from lines
inner join orders using (order_id)
left join moved using (order_id, line_id)
left join first_moved using (order_id, line_id)
left join locations on moved.location_id = locations.location_id;

create or replace table daily_metrics as
with decided as (
    select *,
        case
            when first_shipped_at is not null then first_shipped_at
            when cancelled_at is not null and cancel_reason = 'out_of_stock' then cancelled_at
            when cancelled_at is null and not coalesce(is_held, false)
                and promised_ship_by < now()::timestamp then promised_ship_by
        end as decided_at
    from order_lines
)
select 'unit_fill_rate' as metric, timezone(time_zone, decided_at at time zone 'UTC')::date as period,
    sum(least(first_quantity, ordered_quantity))::bigint as numerator,
    sum(ordered_quantity)::bigint as denominator
from decided where decided_at is not null group by all
union all
select 'line_fill_rate', timezone(time_zone, decided_at at time zone 'UTC')::date as period,
    count(*) filter (where first_quantity >= ordered_quantity), count(*)
from decided where decided_at is not null group by all
union all
select 'on_time_ship', timezone(time_zone, last_shipped_at at time zone 'UTC')::date as period,
    count(*) filter (where last_shipped_at <= promised_ship_by), count(*)
from decided
where ordered_quantity - cancelled_quantity - shipped_quantity = 0 and shipped_quantity > 0
    and promised_ship_by is not null
group by all
union all
select 'stock_cancel_rate', timezone(time_zone, placed_at at time zone 'UTC')::date as period,
    count(*) filter (where cancel_reason = 'out_of_stock' and cancelled_quantity > 0), count(*)
from decided group by all;
