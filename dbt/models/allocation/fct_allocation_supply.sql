with

positions as (
    select * from {{ ref('int_availability__positions') }}
    where location_id != '*'
),

final as (
    select
        sku,
        location_id,
        free_quantity - overdrawn_quantity as quantity
    from positions
    where free_quantity > overdrawn_quantity
)

select * from final
