with

lines as (
    select * from {{ ref('int_marts__lines_measured') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

shipped as (
    select
        'order_cycle_time' as metric,
        'placed_to_shipped' as span,
        last_shipped_on as period,
        location_id,
        channel_id,
        {{ seconds_between('placed_at', 'last_shipped_at') }} / 3600 as hours
    from lines
    where open_quantity = 0 and shipped_quantity > 0 and hold_reason is null
),

delivered as (
    select
        'order_cycle_time' as metric,
        'placed_to_delivered' as span,
        delivered_on as period,
        location_id,
        channel_id,
        {{ seconds_between('placed_at', 'delivered_at') }} / 3600 as hours
    from lines
    where delivered_at is not null and hold_reason is null
),

restocked as (
    select
        'return_to_stock_lag' as metric,
        'received_to_restocked' as span,
        {{ local_date('returns.restocked_at', "coalesce(locations.time_zone, 'UTC')") }} as period,
        returns.location_id,
        null::varchar as channel_id,
        {{ seconds_between('returns.received_at', 'returns.restocked_at') }} / 3600 as hours
    from returns
    -- left: a return may name no location
    left join locations on returns.location_id = locations.location_id
    where returns.restocked_at >= returns.received_at
),

final as (
    select * from shipped
    union all
    select * from delivered
    union all
    select * from restocked
)

select * from final
