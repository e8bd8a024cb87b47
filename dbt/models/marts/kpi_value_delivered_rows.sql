with

leaks as (
    select * from {{ ref('kpi_leaks_measured') }}
),

orders as (
    select * from {{ ref('kpi_orders_measured') }}
    where is_shipped
),

assumptions as (
    select * from {{ ref('kpi_assumptions') }}
    where assumption = 'baseline_month_count'
),

shipped as (
    select
        {{ month_of('last_shipped_on') }} as month_on,
        count(*) as order_count
    from orders
    group by month_on
),

-- the first month of the data is rarely whole, so the baseline begins with the second
counted as (
    select
        shipped.month_on,
        shipped.order_count,
        row_number() over (order by shipped.month_on) - 1 as month_number,
        cast(assumptions.amount as bigint) as baseline_month_count
    from shipped
    cross join assumptions
),

leaked as (
    select
        leak_type,
        {{ month_of('leaked_on') }} as month_on,
        sum(amount) as amount
    from leaks
    group by leak_type, month_on
),

leak_types as (
    select distinct leak_type from leaked
),

costs as (
    select
        leak_types.leak_type,
        counted.month_on,
        counted.month_number,
        counted.order_count,
        counted.baseline_month_count,
        coalesce(leaked.amount, 0) as amount
    from counted
    cross join leak_types
    -- left: a month may leak nothing of a kind
    left join leaked
        on counted.month_on = leaked.month_on and leak_types.leak_type = leaked.leak_type
),

baselines as (
    select
        leak_type,
        sum(amount) as amount,
        sum(order_count) as order_count
    from costs
    where month_number between 1 and baseline_month_count
    group by leak_type
),

final as (
    select
        'against_baseline' as variant,
        costs.leak_type,
        cast(
            baselines.amount * costs.order_count / cast(baselines.order_count as double)
            - costs.amount as decimal(38, 6)
        ) as numerator,
        cast(1 as decimal(38, 6)) as denominator,
        costs.month_on as period
    from costs
    inner join baselines on costs.leak_type = baselines.leak_type
    where costs.month_number > costs.baseline_month_count
)

select * from final
