-- The plan never gives out more than is free at a location.
with

allocations as (
    select * from {{ ref('fct_allocations') }}
),

supply as (
    select * from {{ ref('fct_allocation_supply') }}
),

given as (
    select
        sku,
        location_id,
        sum(allocated_quantity) as allocated_quantity
    from allocations
    where location_id is not null
    group by sku, location_id
)

select
    given.sku,
    given.location_id,
    given.allocated_quantity,
    supply.quantity
from given
-- left: serving from nowhere is the worst case
left join supply on given.sku = supply.sku and given.location_id = supply.location_id
where given.allocated_quantity > coalesce(supply.quantity, 0)
