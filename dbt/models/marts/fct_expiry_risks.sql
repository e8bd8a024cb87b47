{%- set horizons = [7, 30, 60, 90] -%}
with

balances as (
    select * from {{ ref('fct_stock_balances') }}
    where is_on_hand and lot_id is not null and quantity > 0
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
),

lots as (
    select * from {{ ref('dim_lots') }}
    where expires_on is not null
),

clock as (
    select * from {{ ref('clock') }}
),

held as (
    select
        balances.location_id,
        balances.sku,
        balances.lot_id,
        lots.expires_on,
        cast(lots.expires_on - cast(clock.as_of_at as date) as bigint) as days_to_expiry,
        cast(sum(balances.quantity) as bigint) as on_hand_quantity,
        cast(
            sum(case when balances.state = 'available' then balances.quantity else 0 end) as bigint
        ) as sellable_quantity,
        cast(sum(balances.amount) as decimal(18, 4)) as amount
    from balances
    inner join lots on balances.sku = lots.sku and balances.lot_id = lots.lot_id
    cross join clock
    group by all
),

-- what left each place in the last 28 days
sold as (
    select
        movements.from_location_id as location_id,
        movements.sku,
        sum(movements.quantity) as sold_quantity
    from movements
    cross join clock
    where
        movements.movement_type = 'shipped'
        and movements.occurred_at > clock.as_of_at - interval 28 day
        and movements.occurred_at <= clock.as_of_at
    group by movements.from_location_id, movements.sku
),

queued as (
    select
        held.*,
        coalesce(sold.sold_quantity, 0) as sold_quantity,
        sum(held.sellable_quantity) over (
            partition by held.location_id, held.sku
            order by held.expires_on, held.lot_id
            rows between unbounded preceding and current row
        ) as queued_quantity
    from held
    -- left: some lots do not sell at all
    left join sold on held.location_id = sold.location_id and held.sku = sold.sku
),

-- sold first expired first at the pace of the last 28 days: what is left of the lot on its last day
final as (
    select
        location_id,
        sku,
        lot_id,
        case
            when days_to_expiry < 0 then 'expired'
            {% for days in horizons -%}
            when days_to_expiry <= {{ days }} then 'within_{{ days }}_days'
            {% endfor -%}
            else 'later'
        end as horizon,
        on_hand_quantity,
        sellable_quantity,
        cast(
            least(
                sellable_quantity,
                greatest(
                    0,
                    queued_quantity - (sold_quantity * greatest(days_to_expiry, 0)) // 28
                )
            ) as bigint
        ) as risk_quantity,
        amount,
        days_to_expiry,
        days_to_expiry < 0 and sellable_quantity > 0 as is_sellable_though_expired,
        expires_on
    from queued
)

select * from final
