with

balances_daily as (
    select * from {{ ref('fct_stock_balances_daily') }}
),

states as (
    select * from {{ ref('stock_states') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

counts as (
    select * from {{ ref('fct_stock_counts') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

changes as (
    select
        balances_daily.valid_from_on as period,
        balances_daily.location_id,
        kinds.variant,
        sum(balances_daily.net_quantity) as net_quantity
    from balances_daily
    inner join (
        select
            state,
            state as variant
        from states
        where is_physical
        union all
        select
            state,
            'on_hand' as variant
        from states
        where is_on_hand
    ) as kinds on balances_daily.state = kinds.state
    group by balances_daily.valid_from_on, balances_daily.location_id, kinds.variant
),

spans as (
    select
        location_id,
        variant,
        min(period) as first_on
    from changes
    group by location_id, variant
),

horizon as (
    select max(period) as last_on from changes
),

days as (
    select
        spans.location_id,
        spans.variant,
        {{ days_between('spans.first_on', 'horizon.last_on') }} as period
    from spans
    cross join horizon
),

stock as (
    select
        'stock_quantity' as metric,
        days.variant,
        days.period,
        days.location_id,
        sum(coalesce(changes.net_quantity, 0)) over (
            partition by days.location_id, days.variant
            order by days.period
            rows between unbounded preceding and current row
        ) as numerator
    from days
    -- left: most days change nothing
    left join changes
        on
            days.location_id = changes.location_id
            and days.variant = changes.variant
            and days.period = changes.period
),

negatives as (
    select
        'negative_stock_events' as metric,
        'count' as variant,
        {{ local_date('movements.occurred_at', "coalesce(locations.time_zone, 'UTC')") }}
            as period,
        movements.from_location_id as location_id,
        count(*) filter (where movements.flag = 'negative_balance') as numerator
    from movements
    -- left: the location 'unknown' has no row
    left join locations on movements.from_location_id = locations.location_id
    group by period, movements.from_location_id
),

variances as (
    select
        'count_variance' as metric,
        'gross' as variant,
        {{ local_date('counts.counted_at', 'locations.time_zone') }} as period,
        counts.location_id,
        sum(abs(counts.variance_quantity)) as numerator
    from counts
    inner join locations on counts.location_id = locations.location_id
    group by period, counts.location_id
    union all
    select
        'count_variance' as metric,
        'net' as variant,
        {{ local_date('counts.counted_at', 'locations.time_zone') }} as period,
        counts.location_id,
        sum(counts.variance_quantity) as numerator
    from counts
    inner join locations on counts.location_id = locations.location_id
    group by period, counts.location_id
),

final as (
    {% for family in ['stock', 'negatives', 'variances'] -%}
    select
        metric,
        variant,
        period,
        location_id,
        cast(numerator as bigint) as numerator
    from {{ family }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
