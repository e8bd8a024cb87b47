with

balances_daily as (
    select * from {{ ref('fct_stock_balances_daily') }}
),

states as (
    select * from {{ ref('stock_states') }}
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where movement_type = 'shipped' and to_state = 'customer'
),

products as (
    select * from {{ ref('dim_products') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

horizon as (
    select
        min(valid_from_on) as first_on,
        max(valid_from_on) as last_on
    from balances_daily
),

days as (
    select {{ days_between('first_on', 'last_on') }} as day_on
    from horizon
    where first_on is not null
),

months as (
    select
        {{ month_of('day_on') }} as month_on,
        count(*) as day_count
    from days
    group by month_on
),

bounded as (
    select
        month_on,
        day_count,
        greatest(month_on, horizon.first_on) as first_on,
        cast(greatest(month_on, horizon.first_on) + interval (day_count) day as date) as end_on
    from months
    cross join horizon
),

-- units x days of each balance inside each month it reaches into
held as (
    select
        balances_daily.sku,
        balances_daily.location_id,
        bounded.month_on,
        sum(
            balances_daily.quantity * (
                least(coalesce(balances_daily.valid_to_on, bounded.end_on), bounded.end_on)
                - greatest(balances_daily.valid_from_on, bounded.first_on)
            )
        ) as unit_days,
        sum(balances_daily.quantity) filter (
            where states.is_sellable
            and coalesce(balances_daily.valid_to_on, bounded.end_on) >= bounded.end_on
        ) as sellable_quantity
    from balances_daily
    inner join states on balances_daily.state = states.state
    inner join bounded
        on
            balances_daily.valid_from_on < bounded.end_on
            and coalesce(balances_daily.valid_to_on, bounded.end_on) > bounded.first_on
    where states.is_on_hand
    group by balances_daily.sku, balances_daily.location_id, bounded.month_on
),

sold as (
    select
        movements.sku,
        movements.from_location_id as location_id,
        {{ month_of(local_date('movements.occurred_at', "coalesce(locations.time_zone, 'UTC')")) }}
            as month_on,
        sum(movements.quantity) as sold_quantity
    from movements
    -- left: the location 'unknown' has no row
    left join locations on movements.from_location_id = locations.location_id
    group by movements.sku, movements.from_location_id, month_on
),

final as (
    select
        held.sku,
        held.location_id,
        cast(bounded.day_count as bigint) as day_count,
        cast(held.unit_days as bigint) as unit_days,
        cast(coalesce(held.sellable_quantity, 0) as bigint) as sellable_quantity,
        cast(coalesce(sold.sold_quantity, 0) as bigint) as sold_quantity,
        coalesce(products.unit_cost_amount, 0) as unit_cost_amount,
        held.month_on
    from held
    inner join bounded on held.month_on = bounded.month_on
    inner join products on held.sku = products.sku
    -- left: much stock sells nothing in a month
    left join sold
        on
            held.sku = sold.sku
            and held.location_id = sold.location_id
            and held.month_on = sold.month_on
)

select * from final
