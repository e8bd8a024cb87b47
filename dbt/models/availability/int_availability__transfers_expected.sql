-- What is still under way between locations. Clocks differ: what arrived before it left is there.
with

movements as (
    select * from {{ ref('fct_stock_movements') }}
    where transfer_id is not null
),

transferred as (
    select
        transfer_id,
        sku,
        to_location_id,
        sum(case when to_state = 'in_transit' then quantity else 0 end)
        - sum(case when from_state = 'in_transit' then quantity else 0 end)
            as in_transit_quantity,
        sum(case movement_type when 'transfer_out' then quantity else 0 end) as sent_quantity,
        sum(case movement_type when 'transfer_in' then quantity else 0 end) as received_quantity,
        min(case when movement_type = 'transfer_out' then from_location_id end) as from_location_id,
        min(case when movement_type = 'transfer_out' then occurred_at end) as shipped_at,
        max(case when movement_type = 'transfer_in' then occurred_at end) as received_at,
        {{ latest_by('movement_id', 'occurred_at') }}
        filter (where movement_type = 'transfer_out') as movement_id
    from movements
    group by transfer_id, sku, to_location_id
),

-- a transfer may have come in at another place than it was sent to
under_way as (
    select
        *,
        cast(
            greatest(
                0,
                least(
                    in_transit_quantity,
                    sum(sent_quantity - received_quantity) over (partition by transfer_id, sku)
                )
            ) as bigint
        ) as quantity
    from transferred
),

-- how long the lane has taken; where it has no history, a week
lanes as (
    select
        from_location_id,
        to_location_id,
        quantile_cont(
            {{ seconds_between('shipped_at', 'received_at') }} / 86400, 0.9
        ) as p90_days
    from under_way
    where quantity = 0 and received_at is not null
    group by from_location_id, to_location_id
),

final as (
    select
        under_way.transfer_id,
        under_way.sku,
        under_way.to_location_id as location_id,
        under_way.quantity,
        under_way.movement_id,
        under_way.shipped_at + to_seconds(86400 * coalesce(lanes.p90_days, 7)) as due_at
    from under_way
    -- left: the lane may be new
    left join lanes
        on
            under_way.from_location_id = lanes.from_location_id
            and under_way.to_location_id = lanes.to_location_id
    where under_way.quantity > 0
)

select * from final
