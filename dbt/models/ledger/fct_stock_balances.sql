with

entries as (
    select * from {{ ref('fct_stock_entries') }}
),

products as (
    select * from {{ ref('stg_landing__products') }}
),

states as (
    select * from {{ ref('stock_states') }}
),

lots as (
    select * from {{ ref('dim_lots') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

summed as (
    select
        location_id,
        sku,
        lot_id,
        state,
        cast(sum(quantity) as bigint) as quantity,
        max(occurred_at) as last_moved_at
    from entries
    group by location_id, sku, lot_id, state
),

final as (
    select
        summed.location_id,
        summed.sku,
        summed.lot_id,
        summed.state,
        summed.quantity,
        cast(summed.quantity * coalesce(products.unit_cost_amount, 0) as decimal(38, 4)) as amount,
        states.is_on_hand,
        states.is_physical,
        -- a lot is sold until the end of its last day, whatever its state is called after that
        states.is_sellable
        and not (
            summed.quantity > 0
            and coalesce(
                lots.expires_on
                < {{ local_date('clock.as_of_at', "coalesce(locations.time_zone, 'UTC')") }},
                false
            )
        ) as is_sellable,
        -- units of no named lot are short only where the SKU is
        states.is_physical
        and summed.quantity < 0
        and (
            summed.lot_id is not null
            or sum(summed.quantity) over (
                partition by summed.location_id, summed.sku, summed.state
            ) < 0
        ) as is_short,
        summed.last_moved_at
    from summed
    inner join states on summed.state = states.state
    cross join clock
    -- left: a balance is never lost for want of master data
    left join products on summed.sku = products.sku
    left join lots on summed.sku = lots.sku and summed.lot_id = lots.lot_id
    left join locations on summed.location_id = locations.location_id
)

select * from final
