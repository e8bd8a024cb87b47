with

lines as (
    select * from {{ ref('int_marts__lines_measured') }}
),

orders as (
    select * from {{ ref('int_marts__orders_measured') }}
),

counts as (
    select * from {{ ref('fct_stock_counts') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

unit_fill as (
    select
        'unit_fill_rate' as metric,
        'first_shipment' as variant,
        fill_decided_on as period,
        location_id,
        channel_id,
        sum(least(first_shipment_quantity, ordered_quantity)) as numerator,
        sum(ordered_quantity) as denominator
    from lines
    where fill_decided_on is not null
    group by fill_decided_on, location_id, channel_id
),

line_fill as (
    select
        'line_fill_rate' as metric,
        'first_shipment' as variant,
        fill_decided_on as period,
        location_id,
        channel_id,
        count(*) filter (where first_shipment_quantity >= ordered_quantity) as numerator,
        count(*) as denominator
    from lines
    where fill_decided_on is not null
    group by fill_decided_on, location_id, channel_id
),

order_fill as (
    select
        'order_fill_rate' as metric,
        'first_shipment' as variant,
        fill_decided_on as period,
        location_id,
        channel_id,
        count(*) filter (where is_filled) as numerator,
        count(*) as denominator
    from orders
    where is_fill_decided
    group by fill_decided_on, location_id, channel_id
),

on_time_orders as (
    select
        'on_time_ship' as metric,
        'order' as variant,
        last_shipped_on as period,
        location_id,
        channel_id,
        count(*) filter (where last_shipped_at <= promised_ship_by) as numerator,
        count(*) as denominator
    from orders
    where is_shipped and promised_ship_by is not null
    group by last_shipped_on, location_id, channel_id
),

on_time_lines as (
    select
        'on_time_ship' as metric,
        'line' as variant,
        last_shipped_on as period,
        location_id,
        channel_id,
        count(*) filter (where last_shipped_at <= promised_ship_by) as numerator,
        count(*) as denominator
    from lines
    where open_quantity = 0 and shipped_quantity > 0 and promised_ship_by is not null
    group by last_shipped_on, location_id, channel_id
),

picks as (
    select
        'pick_accuracy' as metric,
        'line' as variant,
        first_pick_on as period,
        pick_location_id as location_id,
        channel_id,
        count(*) filter (where not is_short_picked) as numerator,
        count(*) as denominator
    from lines
    where is_picked or is_short_picked
    group by first_pick_on, pick_location_id, channel_id
),

cancellations as (
    select
        'stock_cancel_rate' as metric,
        'line' as variant,
        placed_on as period,
        location_id,
        channel_id,
        count(*) filter (where is_cancelled_for_stock) as numerator,
        count(*) as denominator
    from lines
    group by placed_on, location_id, channel_id
),

record_accuracy as (
    select
        'inventory_record_accuracy' as metric,
        'within_tolerance' as variant,
        {{ local_date('counts.counted_at', 'locations.time_zone') }} as period,
        counts.location_id,
        cast(null as varchar) as channel_id,
        count(*) filter (where counts.is_within_tolerance) as numerator,
        count(*) as denominator
    from counts
    inner join locations on counts.location_id = locations.location_id
    group by period, counts.location_id
),

final as (
    {% for family in [
        'unit_fill', 'line_fill', 'order_fill', 'on_time_orders', 'on_time_lines', 'picks',
        'cancellations', 'record_accuracy',
    ] -%}
    select
        metric,
        variant,
        period,
        location_id,
        channel_id,
        cast(numerator as bigint) as numerator,
        cast(denominator as bigint) as denominator
    from {{ family }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
