-- Did what was booked after a count hold at the next one?
with

corrections as (
    select
        *,
        coalesce(lot_id, '*') as lot
    from {{ ref('int_marts__corrections') }}
),

counts as (
    select
        *,
        coalesce(lot_id, '*') as lot
    from {{ ref('fct_stock_counts') }}
),

led_to as (
    select
        corrections.*,
        counts.count_id,
        counts.variance_quantity as counted_variance_quantity,
        counts.counted_at
    from corrections
    inner join counts
        on
            corrections.location_id = counts.location_id
            and corrections.sku = counts.sku
            and corrections.lot = counts.lot
            and corrections.occurred_at >= counts.counted_at
            and corrections.occurred_at
            <= counts.counted_at + interval ({{ var('count_verification_days') }}) day
            and counts.variance_quantity != 0
    qualify
        row_number() over (
            partition by corrections.movement_id
            order by counts.counted_at desc, counts.count_id desc
        ) = 1
),

held as (
    select
        led_to.movement_id,
        counts.count_id as next_count_id,
        counts.variance_quantity as next_variance_quantity,
        counts.is_within_tolerance as is_held,
        counts.counted_at as next_counted_at
    from led_to
    inner join counts
        on
            led_to.location_id = counts.location_id
            and led_to.sku = counts.sku
            and led_to.lot = counts.lot
            and led_to.occurred_at < counts.counted_at
    qualify
        row_number() over (
            partition by led_to.movement_id order by counts.counted_at, counts.count_id
        ) = 1
),

final as (
    select
        led_to.movement_id,
        led_to.location_id,
        led_to.sku,
        led_to.lot_id,
        led_to.count_id,
        held.next_count_id,
        led_to.command_id,
        led_to.source_system,
        led_to.actor,
        led_to.reason,
        led_to.quantity,
        led_to.counted_variance_quantity,
        held.next_variance_quantity,
        held.is_held,
        cast(
            {{ seconds_between('led_to.occurred_at', 'held.next_counted_at') }} / 86400
            as decimal(18, 6)
        ) as days_to_next_count,
        led_to.counted_at,
        led_to.occurred_at,
        held.next_counted_at
    from led_to
    -- left: the next count may still be to come
    left join held on led_to.movement_id = held.movement_id
)

select * from final
