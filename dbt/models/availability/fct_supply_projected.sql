-- What comes, and when. What a place below zero gets fills its hole first: one place's shortage is
-- not another's stock, today or on the day its supply comes.
with

supply as (
    select * from {{ ref('fct_supply_expected') }}
    where not is_late and due_on is not null
),

positions as (
    select * from {{ ref('int_availability__positions') }}
    where location_id != '*'
),

locations as (
    select * from {{ ref('dim_locations') }}
),

clock as (
    select * from {{ ref('clock') }}
),

dated as (
    select
        supply.*,
        cast(
            supply.due_on
            - {{ local_date('clock.as_of_at', "coalesce(locations.time_zone, 'UTC')") }} as bigint
        ) as day,
        greatest(0, positions.overdrawn_quantity - positions.free_quantity) as lacking_quantity
    from supply
    inner join positions
        on supply.sku = positions.sku and supply.location_id = positions.location_id
    cross join clock
    -- left: nobody may have told of the location
    left join locations on supply.location_id = locations.location_id
),

summed as (
    select
        *,
        sum(confirmed_quantity) over (
            partition by sku, location_id
            order by day, supply_kind, po_id, po_line_id, transfer_id
            rows between unbounded preceding and current row
        ) as so_far_quantity
    from dated
),

final as (
    select
        supply_kind,
        sku,
        location_id,
        po_id,
        po_line_id,
        supplier_id,
        transfer_id,
        quantity,
        confirmed_quantity,
        cast(
            greatest(0, so_far_quantity - lacking_quantity)
            - greatest(0, so_far_quantity - confirmed_quantity - lacking_quantity) as bigint
        ) as network_quantity,
        confidence,
        batch_id,
        row_number,
        day,
        due_on
    from summed
)

select * from final
