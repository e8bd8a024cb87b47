-- A kit is as available as its scarcest component: the least of the components' nets, never a
-- difference of the least. Kits that share a component cannot all have it.
with

bills as (
    select * from {{ ref('dim_bills_of_materials') }}
),

projected as (
    select * from {{ ref('fct_availability_projected') }}
    where day = 0
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

places as (
    select distinct
        in_force.kit_sku,
        projected.location_id
    from in_force
    inner join projected on in_force.component_sku = projected.sku
),

-- what each component alone would allow, rounded down also below zero
allowed as (
    select
        places.kit_sku,
        places.location_id,
        in_force.component_sku,
        in_force.component_quantity,
        coalesce(projected.signed_atp_quantity, 0) as net_quantity,
        cast(
            floor(coalesce(projected.signed_atp_quantity, 0) / in_force.component_quantity)
            as bigint
        ) as kit_quantity
    from places
    inner join in_force on places.kit_sku = in_force.kit_sku
    -- left: a component may lie elsewhere
    left join projected
        on
            in_force.component_sku = projected.sku
            and places.location_id = projected.location_id
),

individual as (
    select
        kit_sku,
        location_id,
        min(kit_quantity) as individual_quantity,
        min_by(component_sku, row(kit_quantity, component_sku)) as limiting_sku
    from allowed
    group by kit_sku, location_id
),

sharing as (
    select
        allowed.location_id,
        allowed.component_sku,
        allowed.kit_sku,
        allowed.component_quantity,
        greatest(0, allowed.net_quantity) as net_quantity,
        greatest(0, individual.individual_quantity) as wanted_quantity,
        count(*) over sharers as kit_count,
        -- the kits that use least of the component go furthest
        coalesce(
            sum(
                greatest(0, individual.individual_quantity) * allowed.component_quantity
            ) over (
                partition by allowed.location_id, allowed.component_sku
                order by allowed.component_quantity, allowed.kit_sku
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as used_before,
        sum(greatest(0, individual.individual_quantity) * allowed.component_quantity)
            over sharers as used_by_all
    from allowed
    inner join individual
        on
            allowed.kit_sku = individual.kit_sku
            and allowed.location_id = individual.location_id
    window sharers as (partition by allowed.location_id, allowed.component_sku)
),

-- how many kits of all that share the component can be made of it together, at most
joint as (
    select
        location_id,
        component_sku,
        cast(
            sum(
                least(
                    wanted_quantity,
                    greatest(0, net_quantity - used_before) // component_quantity
                )
            ) as bigint
        ) as joint_quantity
    from sharing
    where kit_count > 1
    group by location_id, component_sku
),

final as (
    select
        individual.kit_sku,
        individual.location_id,
        individual.limiting_sku,
        min_by(
            sharing.component_sku,
            row(coalesce(joint.joint_quantity, 9223372036854775807), sharing.component_sku)
        ) filter (where sharing.kit_count > 1) as shared_sku,
        individual.individual_quantity,
        coalesce(min(joint.joint_quantity), greatest(0, individual.individual_quantity))
            as joint_quantity,
        -- what is left of it when every kit it shares with takes all it can first
        cast(
            min(
                greatest(
                    0,
                    sharing.net_quantity
                    - (
                        sharing.used_by_all
                        - sharing.wanted_quantity * sharing.component_quantity
                    )
                ) // sharing.component_quantity
            ) as bigint
        ) as guaranteed_quantity
    from individual
    inner join sharing
        on
            individual.kit_sku = sharing.kit_sku
            and individual.location_id = sharing.location_id
    -- left: most components go into one kit only
    left join joint
        on
            sharing.location_id = joint.location_id
            and sharing.component_sku = joint.component_sku
    group by
        individual.kit_sku,
        individual.location_id,
        individual.limiting_sku,
        individual.individual_quantity
)

select * from final
