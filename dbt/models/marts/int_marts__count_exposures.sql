-- What the counts of one SKU at one place had to answer for, and found.
with

counts as (
    select * from {{ ref('fct_stock_counts') }}
),

verifications as (
    select * from {{ ref('fct_count_verifications') }}
    where is_agreed
),

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where movement_type != 'opening'
),

states as (
    select * from {{ ref('stock_states') }}
),

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

clock as (
    select * from {{ ref('clock') }}
),

balances as (
    select
        location_id,
        sku,
        cast(sum(quantity) as bigint) as on_hand_quantity
    from {{ ref('fct_stock_balances') }}
    where is_on_hand
    group by location_id, sku
),

products as (
    select
        *,
        case when abc_class in ('A', 'B') then abc_class else 'C' end as counted_as
    from {{ ref('dim_products') }}
),

-- a verification that agrees found nothing new
errors as (
    select
        counts.location_id,
        counts.sku,
        cast(
            sum(
                case
                    when verifications.count_id is null then abs(counts.variance_quantity) else 0
                end
            ) as bigint
        ) as error_quantity,
        count(*) as count_count,
        max(counts.counted_at) as last_counted_at
    from counts
    left join verifications
        on
            counts.count_id = verifications.count_id
            and counts.location_id = verifications.location_id
            and counts.sku = verifications.sku
            and counts.lot_id is not distinct from verifications.lot_id
    group by counts.location_id, counts.sku
),

crossed as (
    select
        case
            when came_from.is_on_hand then movements.from_location_id else movements.to_location_id
        end
            as location_id,
        movements.sku,
        movements.quantity,
        movements.occurred_at
    from movements
    inner join states as came_from on movements.from_state = came_from.state
    inner join states as went_to on movements.to_state = went_to.state
    where came_from.is_on_hand != went_to.is_on_hand
),

turned as (
    select
        crossed.location_id,
        crossed.sku,
        cast(
            sum(
                case
                    when crossed.occurred_at <= errors.last_counted_at then crossed.quantity else 0
                end
            ) as bigint
        ) as turned_quantity,
        cast(sum(crossed.quantity) as bigint) as turned_ever_quantity
    from crossed
    -- left: it may never have been counted
    left join errors on crossed.location_id = errors.location_id and crossed.sku = errors.sku
    group by crossed.location_id, crossed.sku
),

shelved as (
    select
        location_id,
        sku,
        min(occurred_at) as first_at
    from entries
    group by location_id, sku
),

final as (
    select
        balances.location_id,
        balances.sku,
        products.counted_as as abc_class,
        balances.on_hand_quantity,
        products.unit_cost_amount,
        coalesce(errors.count_count, 0) as count_count,
        coalesce(errors.error_quantity, 0) as error_quantity,
        coalesce(turned.turned_quantity, 0) as turned_quantity,
        coalesce(turned.turned_ever_quantity, 0) - coalesce(turned.turned_quantity, 0)
            as turned_since_quantity,
        cast(
            greatest(
                0,
                coalesce(
                    floor(
                        {{ seconds_between('shelved.first_at', 'errors.last_counted_at') }} / 86400
                    ),
                    0
                )
            ) as bigint
        ) as shelf_day_count,
        cast(
            greatest(
                0,
                floor(
                    {{ seconds_between(
                        'coalesce(errors.last_counted_at, shelved.first_at)', 'clock.as_of_at'
                    ) }} / 86400
                )
            ) as bigint
        ) as shelf_days_since_count,
        errors.last_counted_at
    from balances
    cross join clock
    inner join products on balances.sku = products.sku
    inner join shelved on balances.location_id = shelved.location_id and balances.sku = shelved.sku
    -- left: what was never counted or never moved is planned too
    left join errors on balances.location_id = errors.location_id and balances.sku = errors.sku
    left join turned on balances.location_id = turned.location_id and balances.sku = turned.sku
)

select * from final
