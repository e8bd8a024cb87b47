-- What each component alone would allow of a kit, rounded down also below zero.
with

bills as (
    select * from {{ ref('dim_bills_of_materials') }}
),

availability as (
    select * from {{ ref('fct_availability') }}
),

clock as (
    select * from {{ ref('clock') }}
),

in_force as (
    select bills.*
    from bills
    cross join clock
    where
        bills.valid_from <= clock.as_of_at
        and coalesce(bills.valid_to > clock.as_of_at, true)
),

-- where the kit itself or anything of it is
places as (
    select
        in_force.kit_sku,
        availability.location_id,
        availability.channel_id
    from in_force
    inner join availability on in_force.component_sku = availability.sku
    union
    select
        in_force.kit_sku,
        availability.location_id,
        availability.channel_id
    from in_force
    inner join availability on in_force.kit_sku = availability.sku
),

final as (
    select
        places.kit_sku,
        places.location_id,
        places.channel_id,
        in_force.component_sku,
        in_force.component_quantity,
        coalesce(availability.signed_atp_quantity, 0) as signed_atp_quantity,
        cast(
            floor(
                coalesce(availability.signed_atp_quantity, 0) / in_force.component_quantity
            ) as bigint
        ) as kit_quantity
    from places
    inner join in_force on places.kit_sku = in_force.kit_sku
    -- left: a component may lie elsewhere
    left join availability
        on
            in_force.component_sku = availability.sku
            and places.location_id = availability.location_id
            and places.channel_id = availability.channel_id
)

select * from final
